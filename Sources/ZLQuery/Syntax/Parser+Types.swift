/// Type names.
extension Parser {
    /// `DOUBLE`, `DECIMAL(18, 4)`, `VARCHAR[]`, `STRUCT(a INTEGER)`, `MAP(K, V)`, `ENUM('a', 'b')`
    mutating func parseType() throws(SyntaxFailure) -> TypeName {
        try enter()
        let start = self.start
        var type = TypeName(kind: try parseTypeKind(), range: range(from: start))
        // why: each pair of brackets adds a level to the type, and consumers recurse.
        var levels = 0
        while at(.leftBracket) || at(.array, .leftBracket) || at(.array) {
            let isWord = eat(.array)
            levels += 1
            guard levels <= 100 else {
                throw Lexer.syntaxError("nesting_too_deep", "a type nests deeper than 100 lists", current.range)
            }
            if isWord, !at(.leftBracket) {
                type = TypeName(kind: .list(type), range: range(from: start))
                continue
            }
            try expect(.leftBracket)
            if eat(.rightBracket) {
                type = TypeName(kind: .list(type), range: range(from: start))
            } else {
                let count = try parseCount("an array's length")
                try expect(.rightBracket)
                type = TypeName(kind: .array(type, count: count), range: range(from: start))
            }
        }
        leave()
        return type
    }

    private mutating func parseTypeKind() throws(SyntaxFailure) -> TypeNameKind {
        guard isAtWord else { throw unexpected("a type") }
        if case .word(let keyword?) = current.kind, keyword.isReserved { throw unexpected("a type") }
        let first = takeIdentifier()
        let upper = first.text.uppercasedASCII
        if at(.leftParenthesis), !first.isQuoted {
            switch upper {
            case "STRUCT", "ROW": return .structure(try parseFieldDefinitions())
            case "UNION": return .union(try parseFieldDefinitions())
            case "MAP": return try parseMapType()
            case "ENUM": return .enumeration(try parseEnumerationLabels())
            default: break
            }
        }
        var name = upper
        if upper == "DOUBLE", eat(.precision) { name += " PRECISION" }
        if ["CHARACTER", "CHAR", "BIT", "NCHAR"].contains(upper), eat(.varying) { name += " VARYING" }
        while eat(.dot) { name += "." + (try parseLabel("a type name")).text.uppercasedASCII }
        let parameters = at(.leftParenthesis) ? try parseTypeParameters() : []
        if upper == "TIMESTAMP" || upper == "TIME" {
            if eat(.with, .time, .zone) { name += " WITH TIME ZONE" }
            _ = eat(.without, .time, .zone)
        }
        if upper == "INTERVAL" { _ = try parseIntervalUnit() }
        return .named(name, parameters: parameters)
    }

    private mutating func parseTypeParameters() throws(SyntaxFailure) -> [Int] {
        try expect(.leftParenthesis)
        var parameters: [Int] = []
        repeat { parameters.append(try parseCount("a whole number")) } while eat(.comma)
        try expect(.rightParenthesis, "after the type's size")
        return parameters
    }

    private mutating func parseFieldDefinitions() throws(SyntaxFailure) -> [FieldDefinition] {
        try expect(.leftParenthesis)
        var fields: [FieldDefinition] = []
        repeat {
            let name = try parseLabel("a field name")
            fields.append(FieldDefinition(name: name, type: try parseType()))
        } while eatComma()
        try expect(.rightParenthesis, "after the fields")
        return fields
    }

    private mutating func parseMapType() throws(SyntaxFailure) -> TypeNameKind {
        try expect(.leftParenthesis)
        let key = try parseType()
        try expect(.comma)
        let value = try parseType()
        try expect(.rightParenthesis)
        return .map(key: key, value: value)
    }

    private mutating func parseEnumerationLabels() throws(SyntaxFailure) -> [String] {
        try expect(.leftParenthesis)
        var labels: [String] = []
        repeat { labels.append(try parseString("a label in quotes")) } while eatComma()
        try expect(.rightParenthesis, "after the labels")
        return labels
    }
}
