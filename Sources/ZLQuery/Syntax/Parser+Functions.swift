/// Calls with everything that can hang on them, and the standard's forms that read as sentences.
extension Parser {
    /// `f(args)` and its suffixes; the name is read already.
    mutating func parseCall(_ name: ObjectName, from start: Int) throws(SyntaxFailure) -> Expression {
        var call = try parseCallArguments(name)
        try parseCallSuffixes(&call)
        return try node(.call(call), from: start)
    }

    /// `([DISTINCT | ALL] a, name => b [ORDER BY c] [IGNORE NULLS])`
    mutating func parseCallArguments(_ name: ObjectName) throws(SyntaxFailure) -> FunctionCall {
        var call = FunctionCall(name: name)
        try expect(.leftParenthesis)
        if eat(.distinct) {
            call.isDistinct = true
        } else {
            _ = eat(.all)
        }
        while !at(.rightParenthesis), !at(.order), !atNullTreatment {
            call.arguments.append(try parseArgument())
            guard eat(.comma) else { break }
            if at(.rightParenthesis) { throw unexpected("an argument") }
        }
        if at(.order) { call.orderBy = try parseOrderItems() }
        call.nullTreatment = parseNullTreatment()
        try expect(.rightParenthesis, "after the arguments of \(name.text)")
        return call
    }

    /// `x`, `name => x`, `name := x`
    mutating func parseArgument() throws(SyntaxFailure) -> Argument {
        if isAtWord, token(1).kind == .symbol(.namedArgument) || token(1).kind == .symbol(.assign) {
            let name = takeIdentifier()
            advance()
            return Argument(name: name, value: try parseExpression())
        }
        return Argument(name: nil, value: try parseExpression())
    }

    /// `WITHIN GROUP (...)`, `FILTER (...)`, `IGNORE NULLS`, `OVER ...`
    mutating func parseCallSuffixes(_ call: inout FunctionCall) throws(SyntaxFailure) {
        if at(.within, .group) {
            advance()
            advance()
            try expect(.leftParenthesis)
            call.withinGroup = try parseOrderItems()
            try expect(.rightParenthesis)
        }
        if at(.filter, .leftParenthesis) {
            advance()
            advance()
            _ = eat(.where)
            call.filter = try parseExpression()
            try expect(.rightParenthesis, "after the filter")
        }
        if call.nullTreatment == nil, atNullTreatment, token(2).kind == .word(.over) {
            call.nullTreatment = parseNullTreatment()
        }
        if at(.over), token(1).kind != .symbol(.comma), token(1).kind != .end {
            advance()
            call.window = at(.leftParenthesis)
                ? .definition(try parseWindowDefinition()) : .name(try parseName("a window name"))
        }
    }

    private var atNullTreatment: Bool { at(.ignore, .nulls) || at(.respect, .nulls) }

    private mutating func parseNullTreatment() -> NullTreatment? {
        if eat(.ignore, .nulls) { return .ignore }
        return eat(.respect, .nulls) ? .respect : nil
    }

    /// A call that the text spells otherwise; `place` is the word that stands for its name.
    mutating func call(
        _ name: String, _ arguments: [Expression], named place: Range<Int>, from start: Int
    ) throws(SyntaxFailure) -> Expression {
        let parts = [Identifier(name, range: place)]
        let call = FunctionCall(
            name: ObjectName(parts: parts, range: place), arguments: arguments.map { Argument(name: nil, value: $0) })
        return try node(.call(call), from: start)
    }

    /// `EXTRACT(field FROM x)` is `date_part('field', x)`
    mutating func parseExtract() throws(SyntaxFailure) -> Expression {
        let place = current.range
        guard token(3).kind == .word(.from) else { return try parseNamedCall() }
        advance()
        try expect(.leftParenthesis)
        let fieldPlace = current.range
        let field: String
        if case .string = current.kind {
            field = try parseString("a field of a date")
        } else {
            field = try parseLabel("a field of a date").text.lowercasedASCII
        }
        let literal = try node(.literal(.string(field)), from: fieldPlace.lowerBound)
        try expect(.from)
        let value = try parseExpression()
        try expect(.rightParenthesis)
        // why: an epoch has a fraction, other parts are whole numbers
        if field.lowercased() == "epoch" { return try call("epoch", [value], named: place, from: place.lowerBound) }
        return try call("date_part", [literal, value], named: place, from: place.lowerBound)
    }

    /// `SUBSTRING(x FROM a FOR b)` is `substring(x, a, b)`
    mutating func parseSubstring() throws(SyntaxFailure) -> Expression {
        let place = current.range
        advance()
        try expect(.leftParenthesis)
        var arguments = [try parseExpression()]
        if at(.from) || at(.for) {
            if eat(.from) {
                arguments.append(try parseExpression())
            } else {
                arguments.append(Expression(kind: .literal(.integer("1")), range: current.range))
            }
            if eat(.for) { arguments.append(try parseExpression()) }
        } else {
            while eat(.comma) { arguments.append(try parseExpression()) }
        }
        try expect(.rightParenthesis, "after the arguments of substring")
        return try call(text(place), arguments, named: place, from: place.lowerBound)
    }

    /// `POSITION(a IN b)` is `position(b, a)`
    mutating func parsePosition() throws(SyntaxFailure) -> Expression {
        let place = current.range
        advance()
        try expect(.leftParenthesis)
        let first = try parseOperators(.other)
        let isSentence = eat(.in)
        if !isSentence { try expect(.comma, "or IN") }
        let second = try parseExpression()
        try expect(.rightParenthesis)
        return try call(text(place), isSentence ? [second, first] : [first, second], named: place, from: place.lowerBound)
    }

    /// `TRIM([BOTH | LEADING | TRAILING] [a] FROM b)` is `trim(b, a)`, `ltrim(b, a)`, `rtrim(b, a)`
    mutating func parseTrim() throws(SyntaxFailure) -> Expression {
        let place = current.range
        advance()
        try expect(.leftParenthesis)
        var name = text(place)
        if eat(.leading) {
            name = "ltrim"
        } else if eat(.trailing) {
            name = "rtrim"
        } else {
            _ = eat(.both)
        }
        var arguments: [Expression] = []
        if !at(.from) { arguments.append(try parseExpression()) }
        if eat(.from) {
            arguments.insert(try parseExpression(), at: 0)
        } else {
            while eat(.comma) { arguments.append(try parseExpression()) }
        }
        try expect(.rightParenthesis, "after the arguments of trim")
        return try call(name, arguments, named: place, from: place.lowerBound)
    }

    /// `OVERLAY(a PLACING b FROM c FOR d)` is `overlay(a, b, c, d)`
    mutating func parseOverlay() throws(SyntaxFailure) -> Expression {
        let place = current.range
        advance()
        try expect(.leftParenthesis)
        var arguments = [try parseExpression()]
        if eat(.placing) {
            arguments.append(try parseExpression())
            try expect(.from)
            arguments.append(try parseExpression())
            if eat(.for) { arguments.append(try parseExpression()) }
        } else {
            while eat(.comma) { arguments.append(try parseExpression()) }
        }
        try expect(.rightParenthesis, "after the arguments of overlay")
        return try call(text(place), arguments, named: place, from: place.lowerBound)
    }

    private mutating func parseNamedCall() throws(SyntaxFailure) -> Expression {
        let start = self.start
        let name = takeIdentifier()
        return try parseCall(ObjectName(parts: [name], range: name.range), from: start)
    }
}
