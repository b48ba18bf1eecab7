import ZLColumnar
import ZLFunctions

/// One column of a SELECT list, before it is bound.
struct SelectColumn {
    enum Content {
        case expression(Expression)
        /// What a star stands for.
        case bound(BoundExpression)
    }

    var name: String
    /// Whether the name was written, so that other expressions may use it.
    var isAlias: Bool
    var content: Content
    var range: Range<Int>
}

/// `*`, `t.*`, EXCLUDE, REPLACE, RENAME, patterns and COLUMNS.
extension Binder {
    /// The columns of a SELECT list, stars written out.
    mutating func expand(_ items: [SelectItem], _ scope: Scope) throws(ZLError) -> [SelectColumn] {
        var columns: [SelectColumn] = []
        for item in items {
            switch item.expression.kind {
            case .star(let star):
                columns += try expand(star, item.expression.range, scope)
            case .columns(let selection, _):
                columns += try expandColumns(selection, item, scope)
            default:
                columns.append(
                    SelectColumn(
                        name: item.alias?.text ?? item.expression.columnName, isAlias: item.alias != nil,
                        content: .expression(item.expression), range: item.expression.range))
            }
        }
        guard !columns.isEmpty else {
            throw ZLError(.binding, "no_columns", "the SELECT list has no column left", range: items.first.flatMap { place($0.expression.range) })
        }
        return columns
    }

    private mutating func expand(
        _ star: Star, _ sourceRange: Range<Int>, _ scope: Scope
    ) throws(ZLError) -> [SelectColumn] {
        let range = place(sourceRange)
        var sources = try starColumns(star.qualifier, range, scope)
        for excluded in star.exclude { try remove(excluded, from: &sources, scope) }
        if let pattern = star.pattern {
            var kept: [StarColumn] = []
            for source in sources where try matches(source.name, pattern, range) { kept.append(source) }
            sources = kept
        }
        for replacement in star.replace where !sources.contains(where: { $0.name.isSameName(as: replacement.name.text) }) {
            throw unknownStarColumn(replacement.name, "REPLACE", sources)
        }
        for renaming in star.rename {
            guard let last = renaming.column.last, sources.contains(where: { $0.name.isSameName(as: last.text) }) else {
                throw unknownStarColumn(renaming.column.last ?? renaming.name, "RENAME", sources)
            }
        }
        return sources.map { source in
            if let replacement = star.replace.first(where: { $0.name.text.isSameName(as: source.name) }) {
                return SelectColumn(
                    name: replacement.name.text, isAlias: false, content: .expression(replacement.expression), range: sourceRange)
            }
            let renaming = star.rename.first { $0.column.last?.text.isSameName(as: source.name) ?? false }
            var bound = source.expression
            bound.range = range
            return SelectColumn(
                name: renaming?.name.text ?? source.name, isAlias: renaming != nil, content: .bound(bound), range: sourceRange)
        }
    }

    private struct StarColumn {
        var name: String
        var table: String
        var expression: BoundExpression
    }

    private func starColumns(
        _ qualifier: [Identifier], _ range: Range<Int>?, _ scope: Scope
    ) throws(ZLError) -> [StarColumn] {
        if qualifier.isEmpty {
            guard !scope.tables.isEmpty else {
                throw ZLError(.binding, "misplaced_star", "SELECT * needs a FROM clause", range: range)
            }
            return scope.tables.flatMap { table in
                table.columns.filter { !$0.isMerged }.map {
                    StarColumn(name: $0.name, table: table.name, expression: $0.unqualified)
                }
            }
        }
        let tables = scope.tables(named: qualifier)
        guard !tables.isEmpty else {
            let text = qualifier.map(\.text).joined(separator: ".")
            throw ZLError(
                .binding, "unknown_table", "there is no table \"\(text)\" in the FROM clause for \"\(text).*\"",
                hint: NearestName.hint(text, among: scope.tables.map(\.name).filter { !$0.isEmpty }), range: range)
        }
        return tables.flatMap { table in
            table.columns.map { StarColumn(name: $0.name, table: table.name, expression: .column($0.column)) }
        }
    }

    private func remove(
        _ excluded: [Identifier], from sources: inout [StarColumn], _ scope: Scope
    ) throws(ZLError) {
        guard let last = excluded.last else { return }
        let table = excluded.count > 1 ? excluded[excluded.count - 2].text : nil
        let kept = sources.filter { source in
            !(source.name.isSameName(as: last.text) && table.map { $0.isSameName(as: source.table) } ?? true)
        }
        if kept.count == sources.count { throw unknownStarColumn(last, "EXCLUDE", sources) }
        sources = kept
    }

    private func unknownStarColumn(_ name: Identifier, _ what: String, _ sources: [StarColumn]) -> ZLError {
        ZLError(
            .binding, "unknown_column", "there is no column \"\(name.text)\" to \(what)",
            hint: NearestName.hint(name.text, among: sources.map(\.name)), range: place(name.range))
    }

    /// Whether a column's name fits a pattern: the same functions that LIKE uses.
    private func matches(_ name: String, _ pattern: StarPattern, _ range: Range<Int>?) throws(ZLError) -> Bool {
        let function: String
        switch pattern.kind {
        case .like: function = "~~"
        case .ilike: function = "~~*"
        case .glob: function = "~~~"
        case .similar, .regularExpression: function = "regexp_full_match"
        }
        return try isMatch(function, name, pattern.pattern, range) != pattern.isNegated
    }

    private func isMatch(
        _ function: String, _ name: String, _ pattern: String, _ range: Range<Int>?
    ) throws(ZLError) -> Bool {
        let operands = [BoundExpression.constant(.string(name), .varchar), .constant(.string(pattern), .varchar)]
        let value = try ConstantFolding.value(of: try call(function, operands, range: range))
        return value == .boolean(true)
    }

    /// `COLUMNS('regex')` and `COLUMNS(*)` as a whole item.
    private mutating func expandColumns(
        _ selection: Expression, _ item: SelectItem, _ scope: Scope
    ) throws(ZLError) -> [SelectColumn] {
        switch selection.kind {
        case .star(let star):
            return try expand(star, item.expression.range, scope)
        case .literal(.string(let pattern)):
            let range = place(item.expression.range)
            var sources: [StarColumn] = []
            for source in try starColumns([], range, scope)
            where try isMatch("regexp_matches", source.name, pattern, range) { sources.append(source) }
            guard !sources.isEmpty else {
                throw ZLError(.binding, "no_columns", "no column's name matches '\(pattern)'", range: range)
            }
            return sources.map {
                SelectColumn(name: $0.name, isAlias: false, content: .bound($0.expression), range: item.expression.range)
            }
        default:
            throw ZLError.notYet("COLUMNS with a list or a lambda", range: place(item.expression.range))
        }
    }
}
