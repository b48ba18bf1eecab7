/// TRAIN BOOSTED and the statements about models.
extension Parser {
    mutating func parseTrain() throws(SyntaxFailure) -> TrainBoosted {
        try expect(.train)
        try expect(.boosted)
        let orReplace = eat(.or, .replace)
        let name = try parseName("a model name")
        try expect(.on)
        let source = try parseModelSource()
        try expect(.target)
        let target = try parseName("a column name")
        var train = TrainBoosted(name: name, orReplace: orReplace, source: source, target: target)
        var seen: Set<Keyword> = []
        while case .word(let keyword?) = current.kind, Parser.trainClauses.contains(keyword) {
            if !seen.insert(keyword).inserted {
                throw Lexer.syntaxError("repeated_clause", "\(keyword.text) stands twice in TRAIN BOOSTED", current.range)
            }
            try parseTrainClause(keyword, &train)
        }
        return train
    }

    private static let trainClauses: Set<Keyword> = [.features, .order, .weight, .validate, .allow, .with]

    private mutating func parseTrainClause(_ keyword: Keyword, _ train: inout TrainBoosted) throws(SyntaxFailure) {
        switch keyword {
        case .features: train.features = try parseFeatures()
        case .order:
            advance()
            try expect(.by)
            train.orderBy = try parseName("a column name")
        case .weight:
            advance()
            train.weight = try parseName("a column name")
        case .validate: train.validation = try parseValidation()
        case .allow:
            advance()
            try expect(.lookahead)
            train.allowLookahead = try parseNameList("column name")
        default:
            advance()
            train.parameters = try parseModelParameters()
        }
    }

    /// `view`, `(query)`
    private mutating func parseModelSource() throws(SyntaxFailure) -> ModelSource {
        if isAtParenthesisedQuery { return .query(try parseParenthesisedQuery()) }
        guard isAtName else { throw unexpected("a view name, a table name or a query in parentheses") }
        return .table(try parseObjectName("a view name"))
    }

    /// `FEATURES (a, b)`, `FEATURES (* EXCLUDE (a, b))`
    private mutating func parseFeatures() throws(SyntaxFailure) -> ModelFeatures {
        let start = self.start
        try expect(.features)
        guard token(1).kind == .symbol(.star) else {
            let columns = try parseNameList("column name")
            return ModelFeatures(kind: .columns(columns), range: range(from: start))
        }
        try expect(.leftParenthesis)
        advance()
        var excluded: [Identifier] = []
        if eat(.exclude) {
            excluded = at(.leftParenthesis) ? try parseNameList("column name") : [try parseName("a column name")]
        }
        try expect(.rightParenthesis, "after the features")
        return ModelFeatures(kind: .allExcept(excluded), range: range(from: start))
    }

    // MARK: VALIDATE

    private mutating func parseValidation() throws(SyntaxFailure) -> ModelValidation {
        let start = self.start
        try expect(.validate)
        var validation: ModelValidation
        if eat(.walk) {
            try expect(.forward)
            validation = try parseWalkForward(start)
        } else if eat(.holdout) {
            validation = try parseHoldout(start)
        } else {
            throw unexpected("WALK FORWARD or HOLDOUT after VALIDATE")
        }
        validation.range = range(from: start)
        return validation
    }

    /// `(FOLDS 5 [, PURGE n | AUTO] [, EMBARGO n] [, SLIDING n] [, INNER 15 PERCENT | INNER NONE])`
    private mutating func parseWalkForward(_ start: Int) throws(SyntaxFailure) -> ModelValidation {
        try expect(.leftParenthesis)
        var folds: Int?
        var embargo: Int?
        var sliding: Int?
        var validation = ModelValidation(
            kind: .walkForward(folds: 0, embargo: nil, sliding: nil), purge: nil, inner: nil, range: start..<start)
        repeat {
            if at(.folds), folds == nil {
                advance()
                folds = try parseCount("a number of folds")
            } else if at(.embargo), embargo == nil {
                advance()
                embargo = try parseCount("a number of rows")
            } else if at(.sliding), sliding == nil {
                advance()
                sliding = try parseCount("a number of rows")
            } else if try !parseSharedOption(&validation) {
                throw unexpected("FOLDS, PURGE, EMBARGO, SLIDING or INNER, each once")
            }
        } while eat(.comma)
        guard let folds else { throw unexpected("FOLDS n") }
        try expect(.rightParenthesis, "after the validation's options")
        validation.kind = .walkForward(folds: folds, embargo: embargo, sliding: sliding)
        return validation
    }

    /// `(0.2 [, PURGE ...] [, INNER ...])`, `(FROM DATE '2024-01-01' ...)`
    private mutating func parseHoldout(_ start: Int) throws(SyntaxFailure) -> ModelValidation {
        try expect(.leftParenthesis)
        let kind: ModelValidationKind = eat(.from)
            ? .holdoutFrom(try parseExpression()) : .holdoutFraction(try parseExpression())
        var validation = ModelValidation(kind: kind, purge: nil, inner: nil, range: start..<start)
        while eat(.comma) {
            if try !parseSharedOption(&validation) { throw unexpected("PURGE or INNER, each once") }
        }
        try expect(.rightParenthesis, "after the validation's options")
        return validation
    }

    /// PURGE and INNER; false, and nothing read, if neither stands here or it stood before.
    private mutating func parseSharedOption(_ validation: inout ModelValidation) throws(SyntaxFailure) -> Bool {
        let start = self.start
        if at(.purge), validation.purge == nil {
            advance()
            if eat(.auto) {
                validation.purge = .auto(range: range(from: start))
            } else {
                let count = try parseCount("a number of ORDER BY values or AUTO")
                validation.purge = .values(count, range: range(from: start))
            }
            return true
        }
        guard at(.inner), validation.inner == nil else { return false }
        advance()
        if eat(.none) {
            validation.inner = ModelInner.none(range: range(from: start))
        } else {
            guard case .number = current.kind else { throw unexpected("a percentage or NONE after INNER") }
            let number = text(current.range)
            advance()
            if !eat(.percent), !eat(.percentSign) { throw unexpected("PERCENT") }
            validation.inner = .percent(number, range: range(from: start))
        }
        return true
    }

    // MARK: WITH

    /// `WITH (learning_rate = 0.01, objective = 'regression')`
    private mutating func parseModelParameters() throws(SyntaxFailure) -> [ModelParameter] {
        try expect(.leftParenthesis, "with LightGBM's parameters")
        var parameters: [ModelParameter] = []
        while !at(.rightParenthesis) {
            let name = try parseLabel("a parameter name")
            try expect(.equal, "after the parameter's name")
            let start = self.start
            let value = try parseModelParameterValue()
            parameters.append(ModelParameter(name: name, value: value, valueRange: range(from: start)))
            if !eatComma() { break }
        }
        try expect(.rightParenthesis, "or ',' after a parameter")
        return parameters
    }

    private mutating func parseModelParameterValue() throws(SyntaxFailure) -> ModelParameterValue {
        let closing: Symbol? = at(.leftBracket) ? .rightBracket : at(.leftParenthesis) ? .rightParenthesis : nil
        guard let closing else { return try parseModelParameterScalar() }
        advance()
        var values: [ModelParameterValue] = []
        while !at(closing) {
            values.append(try parseModelParameterScalar())
            if !eatComma() { break }
        }
        try expect(closing, "or ',' after a value")
        return .list(values)
    }

    private mutating func parseModelParameterScalar() throws(SyntaxFailure) -> ModelParameterValue {
        switch current.kind {
        case .string: return .string(try parseString("a value"))
        case .word(.true?), .word(.false?):
            let isTrue = at(.true)
            advance()
            return .boolean(isTrue)
        case .word, .quotedName: return .word(takeIdentifier().text)
        case .number, .symbol(.minus), .symbol(.plus):
            var number = ""
            if eat(.minus) { number = "-" } else { _ = eat(.plus) }
            guard case .number = current.kind else { throw unexpected("a number") }
            number += text(current.range).filter { $0 != "_" }
            advance()
            return .number(number)
        default: throw unexpected("a number, a string, TRUE or FALSE")
        }
    }

    // MARK: Other statements

    /// `EVALUATE MODEL m ON view`
    mutating func parseEvaluate() throws(SyntaxFailure) -> EvaluateModel {
        try expect(.evaluate)
        try expect(.model)
        let name = try parseName("a model name")
        try expect(.on)
        return EvaluateModel(name: name, source: try parseModelSource())
    }

    /// `EXPORT MODEL m TO 'm.txt'`
    mutating func parseExportModel() throws(SyntaxFailure) -> StatementKind {
        advance()
        advance()
        let name = try parseName("a model name")
        try expect(.to)
        return .exportModel(name, path: try parseExpression())
    }

    /// `IMPORT MODEL [OR REPLACE] m FROM 'm.txt'`
    mutating func parseImportModel() throws(SyntaxFailure) -> StatementKind {
        advance()
        advance()
        let orReplace = eat(.or, .replace)
        let name = try parseName("a model name")
        try expect(.from)
        return .importModel(name, path: try parseExpression(), orReplace: orReplace)
    }

    /// `REPORT MODEL m TO 'm.html'`
    mutating func parseReport() throws(SyntaxFailure) -> StatementKind {
        try expect(.report)
        try expect(.model)
        let name = try parseName("a model name")
        try expect(.to)
        return .reportModel(name, path: try parseExpression())
    }
}
