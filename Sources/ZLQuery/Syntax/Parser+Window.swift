/// Windows, frames and ORDER BY lists.
extension Parser {
    /// `([base] [PARTITION BY ...] [ORDER BY ...] [frame])`
    mutating func parseWindowDefinition() throws(SyntaxFailure) -> WindowDefinition {
        let start = self.start
        try expect(.leftParenthesis)
        var window = WindowDefinition(range: start..<start)
        if isAtName, !at(.partition, .by), !isAtFrame { window.base = takeIdentifier() }
        if at(.partition) {
            advance()
            try expect(.by)
            repeat { window.partitionBy.append(try parseExpression()) } while eatComma()
        }
        if at(.order) { window.orderBy = try parseOrderItems() }
        if isAtFrame { window.frame = try parseFrame() }
        if at(.partition) {
            throw unexpected("a frame or ')'")
        }
        try expect(.rightParenthesis, "after the window")
        window.range = range(from: start)
        return window
    }

    private var isAtFrame: Bool {
        guard atAny(.rows, .range, .groups) else { return false }
        return token(1).kind != .symbol(.rightParenthesis)
    }

    private mutating func parseFrame() throws(SyntaxFailure) -> WindowFrame {
        let start = self.start
        let unit: FrameUnit = at(.rows) ? .rows : at(.range) ? .range : .groups
        advance()
        let first: FrameBound
        let last: FrameBound
        if eat(.between) {
            first = try parseFrameBound(isStart: true)
            try expect(.and)
            last = try parseFrameBound(isStart: false)
        } else {
            first = try parseFrameBound(isStart: true)
            last = .currentRow
        }
        let exclusion = eat(.exclude) ? try parseFrameExclusion() : .noOthers
        return WindowFrame(unit: unit, start: first, end: last, exclusion: exclusion, range: range(from: start))
    }

    private mutating func parseFrameBound(isStart: Bool) throws(SyntaxFailure) -> FrameBound {
        if at(.unbounded), !isStart || token(1).kind != .word(.following) {
            advance()
            if eat(.following) { return .unboundedFollowing }
            guard isStart else { throw unexpected("FOLLOWING after UNBOUNDED, as a frame cannot end at its beginning") }
            try expect(.preceding)
            return .unboundedPreceding
        }
        if at(.unbounded) { throw unexpected("PRECEDING after UNBOUNDED, as a frame cannot begin at its end") }
        if at(.current, .row) {
            advance()
            advance()
            return .currentRow
        }
        // why: the operand binds tighter than the AND of BETWEEN.
        let distance = try parseOperators(.test)
        if eat(.preceding) { return .preceding(distance) }
        if eat(.following) { return .following(distance) }
        throw unexpected("PRECEDING or FOLLOWING")
    }

    private mutating func parseFrameExclusion() throws(SyntaxFailure) -> FrameExclusion {
        if eat(.no, .others) { return .noOthers }
        if eat(.current, .row) { return .currentRow }
        if eat(.group) { return .group }
        if eat(.ties) { return .ties }
        throw unexpected("NO OTHERS, CURRENT ROW, GROUP or TIES after EXCLUDE")
    }

    /// `ORDER BY a DESC NULLS LAST, b`
    mutating func parseOrderItems() throws(SyntaxFailure) -> [OrderItem] {
        try expect(.order)
        try expect(.by)
        var items: [OrderItem] = []
        repeat { items.append(try parseOrderItem()) } while eatComma()
        return items
    }

    mutating func parseOrderItem() throws(SyntaxFailure) -> OrderItem {
        let expression = try parseExpression()
        let direction = parseSortDirection()
        return OrderItem(expression: expression, direction: direction, nulls: try parseNullOrder())
    }

    mutating func parseSortDirection() -> SortDirection? {
        if eat(.asc) { return .ascending }
        return eat(.desc) ? .descending : nil
    }

    mutating func parseNullOrder() throws(SyntaxFailure) -> NullOrder? {
        guard eat(.nulls) else { return nil }
        if eat(.first) { return .first }
        if eat(.last) { return .last }
        throw unexpected("FIRST or LAST after NULLS")
    }
}
