import Testing
import ZLColumnar

@testable import ZLQuery

@Suite struct JoinTests {
    /// What SQL says, by looking at every pair.
    static func naive(_ kind: LogicalJoinKind, _ left: [[Int?]], _ right: [[Int?]]) -> [[Int?]] {
        func match(_ a: [Int?], _ b: [Int?]) -> Bool { a[0] != nil && a[0] == b[0] }
        let padLeft: [Int?] = [nil, nil]
        let pairs = left.flatMap { a in right.filter { match(a, $0) }.map { a + $0 } }
        let alone = left.filter { a in !right.contains { match(a, $0) } }
        let rightAlone = right.filter { b in !left.contains { match($0, b) } }
        switch kind {
        case .inner: return pairs
        case .left: return pairs + alone.map { $0 + padLeft }
        case .right: return pairs + rightAlone.map { padLeft + $0 }
        case .full: return pairs + alone.map { $0 + padLeft } + rightAlone.map { padLeft + $0 }
        case .semi: return left.filter { a in right.contains { match(a, $0) } }
        case .anti: return alone
        case .nullAwareAnti:
            if right.isEmpty { return left }
            return right.contains { $0[0] == nil } ? [] : alone.filter { $0[0] != nil }
        case .mark:
            return left.map { a in
                if right.contains(where: { match(a, $0) }) { return a + [1] }
                let unknown = !right.isEmpty && (a[0] == nil || right.contains { $0[0] == nil })
                return a + [unknown ? nil : 0]
            }
        case .cross: return left.flatMap { a in right.map { a + $0 } }
        case .positional: return []
        }
    }

    static let kinds: [LogicalJoinKind] = [.inner, .left, .right, .full, .semi, .anti, .nullAwareAnti, .mark, .cross]

    /// Keys side by side or far apart, each right key several times or once.
    @Test(arguments: kinds, [(1, false), (1, true), (1 << 40, false), (1 << 40, true)])
    func everyKindEqualsThePairwiseDefinition(kind: LogicalJoinKind, keys: (step: Int, isUnique: Bool)) throws {
        for threads in [1, 2] {
            try holds(kind, threads: threads, step: keys.step, isUnique: keys.isUnique)
        }
    }

    private func holds(_ kind: LogicalJoinKind, threads: Int, step: Int, isUnique: Bool) throws {
        var generator = TestGenerator(seed: 7)
        for (leftCount, rightCount) in [(0, 0), (0, 3), (3, 0), (1, 1), (5, 4), (40, 30), (300, 200)] {
            func spread(_ rows: [[Int?]]) -> [[Int?]] { rows.map { [$0[0].map { key in (key - 3) * step }, $0[1]] } }
            let left = spread(generator.rows(leftCount, columns: 2, upTo: max(2, leftCount / 2)))
            var right = spread(generator.rows(rightCount, columns: 2, upTo: max(2, leftCount / 2)))
            var seen = Set<Int?>()
            if isUnique { right = right.filter { seen.insert($0[0]).inserted } }
            var fixture = PlanFixture()
            let (leftPlan, leftColumns) = fixture.table(left, columnCount: 2)
            let (rightPlan, rightColumns) = fixture.table(right, columnCount: 2)
            let key = JoinKey(left: PlanFixture.reference(leftColumns[0]), right: PlanFixture.reference(rightColumns[0]))
            let mark = OutputColumn(id: ColumnID(number: 99), name: "mark", type: .boolean)
            let node = JoinNode(
                kind: kind, left: leftPlan, right: rightPlan, keys: kind == .cross ? [] : [key], residual: nil,
                mark: kind == .mark ? mark : nil)
            let rows = try PlanFixture.rows(.join(node), threads: threads)
            #expect(sortedRows(rows) == sortedRows(Self.naive(kind, left, right)), "\(kind) \(leftCount) x \(rightCount)")
        }
    }

    /// The right row that an ASOF join should take, by looking at all of them.
    static func naiveMatch(_ a: [Int?], _ right: [[Int?]], _ comparison: ComparisonOperator) -> [Int?]? {
        guard let key = a[0], let time = a[1] else { return nil }
        let candidates = right.filter { b in
            guard b[0] == key, let other = b[1] else { return false }
            switch comparison {
            case .greaterOrEqual: return time >= other
            case .greater: return time > other
            case .lessOrEqual: return time <= other
            case .less: return time < other
            case .equal, .notEqual: return false
            }
        }
        let isBackward = comparison == .greater || comparison == .greaterOrEqual
        return isBackward
            ? candidates.max { ($0[1] ?? 0) < ($1[1] ?? 0) } : candidates.min { ($0[1] ?? 0) < ($1[1] ?? 0) }
    }

    @Test(arguments: [ComparisonOperator.greaterOrEqual, .greater, .lessOrEqual, .less], [true, false])
    func asofTakesTheNearestRow(comparison: ComparisonOperator, isLeft: Bool) throws {
        var generator = TestGenerator(seed: 11)
        for count in [0, 1, 3, 20, 200] {
            let left = generator.rows(count, columns: 2, upTo: 10).map { [$0[0].map { $0 % 3 }, $0[1]] }
            // Distinct times for each key, so that the match is unique.
            var seen: Set<[Int?]> = []
            let right = generator.rows(count, columns: 2, upTo: 10).map { [$0[0].map { $0 % 3 }, $0[1]] }
                .filter { seen.insert($0).inserted }
            var fixture = PlanFixture()
            let (leftPlan, l) = fixture.table(left, columnCount: 2)
            let (rightPlan, r) = fixture.table(right, columnCount: 2)
            let node = Self.asofNode(leftPlan, l, rightPlan, r, comparison, isLeft: isLeft)
            let expected = left.compactMap { a -> [Int?]? in
                if let b = Self.naiveMatch(a, right, comparison) { return a + b }
                return isLeft ? a + [nil, nil] : nil
            }
            #expect(try PlanFixture.rows(.asofJoin(node), threads: 2) == expected)
        }
    }

    /// How the rows of a side stand, which decides how the right side is held and where a left row is looked for from.
    enum AsofOrder: CaseIterable { case none, keyAndTime, keyDownTimeUp, time, timeDown }

    private static func ordered(_ rows: [[Int?]], _ order: AsofOrder) -> [[Int?]] {
        func place(_ row: [Int?], _ number: Int) -> (Int, Int, Int) {
            let (key, time) = (row[0] ?? .max, row[1] ?? .max)
            switch order {
            case .none: return (0, 0, number)
            case .keyAndTime: return (key, time, number)
            case .keyDownTimeUp: return (~key, time, number)
            case .time: return (0, time, number)
            case .timeDown: return (0, ~time, number)
            }
        }
        return rows.enumerated().sorted { place($0.element, $0.offset) < place($1.element, $1.offset) }.map(\.element)
    }

    /// Of the first columns as keys and the second ones as times.
    private static func asofNode(
        _ left: LogicalPlan, _ l: [OutputColumn], _ right: LogicalPlan, _ r: [OutputColumn], _ comparison: ComparisonOperator, isLeft: Bool
    ) -> AsofJoinNode {
        AsofJoinNode(
            isLeft: isLeft, left: left, right: right,
            keys: [JoinKey(left: PlanFixture.reference(l[0]), right: PlanFixture.reference(r[0]))],
            leftKey: PlanFixture.reference(l[1]), rightKey: PlanFixture.reference(r[1]), comparison: comparison, direction: .backward,
            tolerance: nil, residual: nil)
    }

    /// The right row that an ASOF join takes: of equal times the last one backward, the first one forward.
    private static func asofMatch(_ a: [Int?], _ right: [[Int?]], _ comparison: ComparisonOperator) -> [Int?]? {
        guard let time = naiveMatch(a, right, comparison)?[1] else { return nil }
        let equal = right.filter { $0[0] == a[0] && $0[1] == time }
        return comparison == .greater || comparison == .greaterOrEqual ? equal.last : equal.first
    }

    /// Equal times, NULLs, the ends of the range of numbers and gaps of all lengths, whatever the order of either side.
    @Test(arguments: [ComparisonOperator.greaterOrEqual, .greater, .lessOrEqual, .less], [true, false])
    func asofDoesNotDependOnTheOrderOfSides(comparison: ComparisonOperator, hasNulls: Bool) throws {
        var generator = TestGenerator(seed: 23)
        func side(_ count: Int, upTo bound: Int) -> [[Int?]] {
            generator.rows(count, columns: 2, upTo: bound).enumerated().map { number, row -> [Int?] in
                var (key, time) = (row[0].map { $0 % 3 }, row[1])
                if time == 0 { time = .min }
                if time == bound - 1 { time = .max }
                if !hasNulls { (key, time) = (key ?? 1, time ?? 1) }
                return [key, time, number]
            }
        }
        for (leftCount, rightCount, bound) in [(0, 5, 4), (5, 0, 4), (1, 1, 3), (40, 30, 8), (60, 20, 200), (20, 150, 200), (90, 90, 30)] {
            let (leftRows, rightRows) = (side(leftCount, upTo: bound), side(rightCount, upTo: bound))
            for (leftOrder, rightOrder) in AsofOrder.allCases.flatMap({ left in AsofOrder.allCases.map { (left, $0) } }) {
                let (left, right) = (Self.ordered(leftRows, leftOrder), Self.ordered(rightRows, rightOrder))
                let expected = left.compactMap { a in Self.asofMatch(a, right, comparison).map { a + $0 } }
                for threads in [1, 2] {
                    var fixture = PlanFixture()
                    let (leftPlan, l) = fixture.table(left, columnCount: 3)
                    let (rightPlan, r) = fixture.table(right, columnCount: 3)
                    let node = Self.asofNode(leftPlan, l, rightPlan, r, comparison, isLeft: false)
                    let rows = try PlanFixture.rows(.asofJoin(node), threads: threads)
                    #expect(rows == expected, "\(leftCount) \(leftOrder) x \(rightCount) \(rightOrder)")
                }
            }
        }
    }
}
