/// The wording of syntax errors: what was found, what was expected, and a guess at the slip.
extension Parser {
    /// "expected X but found Y" at the current token.
    func unexpected(_ expected: String, wanted: Keyword? = nil) -> SyntaxFailure {
        Lexer.syntaxError(
            isAtEnd ? "unexpected_end" : "unexpected_token", "expected \(expected) but found \(found)", current.range,
            hint: hint(wanted: wanted, wantsName: expected.hasSuffix(" name")))
    }

    /// After a statement came neither a semicolon nor the end.
    func unexpectedAfterStatement() -> SyntaxFailure {
        unexpected("';' or the end of the statement").hinted(clauseOrderHint ?? missingCommaHint)
    }

    /// A statement begins with a word that no statement begins with.
    func unexpectedStatement() -> SyntaxFailure {
        let nearest = Spelling.nearest(to: text(current.range), among: Parser.leadingKeywords)
        let place = current.range
        return Lexer.syntaxError(
            isAtEnd ? "unexpected_end" : "unexpected_token", "expected a statement but found \(found)", place,
            hint: nearest.map { "Did you mean \($0.text)?" })
    }

    /// The current token for a message.
    var found: String {
        let shown = Parser.shortened(text(current.range))
        switch current.kind {
        case .end: return "the end of the statement"
        case .word(let keyword?): return keyword.isReserved ? "the keyword \(keyword.text)" : "'\(shown)'"
        case .word(nil): return "'\(shown)'"
        case .quotedName: return "the name \(shown)"
        case .string: return "the string \(shown)"
        case .number: return "the number \(shown)"
        case .parameter: return "the parameter \(shown)"
        case .symbol: return "'\(shown)'"
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count > 40 ? "\(text.prefix(37))..." : text
    }

    private func hint(wanted: Keyword?, wantsName: Bool) -> String? {
        if case .word(let keyword) = current.kind {
            let word = text(current.range)
            if let wanted, Spelling.distance(word, wanted.text) <= 2, wanted.text.utf8.count > 3 {
                return "Did you mean \(wanted.text)?"
            }
            if keyword == nil, let nearest = Spelling.nearest(to: word, among: Parser.clauseKeywords) {
                return "Did you mean \(nearest.text)?"
            }
            if wantsName, keyword?.isReserved == true || keyword?.isJoinWord == true {
                return "Write \"\(word)\" in double quotes to use it as a name."
            }
        }
        if wantsName, case .string(.plain) = current.kind { return "Names are quoted with double quotes." }
        guard position > 0, case .word(nil) = tokens[position - 1].kind else { return nil }
        // why: `SELECT a FORM t` reads FORM as an alias and stumbles over t.
        let nearest = Spelling.nearest(to: text(tokens[position - 1].range), among: Parser.clauseKeywords)
        return nearest.map { "Did you mean \($0.text) instead of '\(text(tokens[position - 1].range))'?" }
    }

    private var clauseOrderHint: String? {
        guard case .word(let keyword?) = current.kind else { return nil }
        let order: [Keyword] = [.from, .where, .group, .having, .window, .qualify, .order, .limit, .offset]
        guard order.contains(keyword) else { return nil }
        return "The clauses come in the order FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY, ORDER BY, LIMIT, OFFSET."
    }

    private var missingCommaHint: String? {
        switch current.kind {
        case .word, .quotedName, .string, .number: return "A comma, an operator or a semicolon may be missing before it."
        default: return nil
        }
    }

    static let leadingKeywords: [Keyword] = [
        .alter, .analyze, .attach, .begin, .call, .checkpoint, .comment, .commit, .copy, .create, .deallocate, .delete, .describe,
        .detach, .drop, .evaluate, .execute, .explain, .export, .from, .import, .insert, .pivot, .pragma, .prepare, .replace,
        .report, .reset, .rollback, .select, .set, .show, .summarize, .table, .train, .truncate, .unpivot, .update, .use, .vacuum,
        .values, .with,
    ]

    private static let clauseKeywords: [Keyword] = [
        .from, .where, .group, .having, .window, .qualify, .order, .limit, .offset, .union, .except, .intersect, .inner, .left,
        .cross, .values, .select, .between, .preceding, .following, .partition, .target, .features, .weight, .validate,
    ]
}

/// How near two words are.
enum Spelling {
    /// The only or first keyword nearest to the word, at most two slips away (one for words under five letters).
    static func nearest(to word: String, among keywords: [Keyword]) -> Keyword? {
        let limit = word.utf8.count < 5 ? 1 : 2
        var best: (keyword: Keyword, distance: Int)?
        for keyword in keywords {
            let distance = distance(word, keyword.text)
            if distance > 0, distance <= limit, distance < best?.distance ?? .max { best = (keyword, distance) }
        }
        return best?.keyword
    }

    /// The number of letters put in, left out, changed or swapped with their neighbour (optimal string alignment),
    /// without regard to case. O(a * b); words over 40 bytes are taken to be far from everything.
    static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first.uppercasedASCII.utf8)
        let b = Array(second.uppercasedASCII.utf8)
        guard a.count <= 40, b.count <= 40 else { return .max }
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
