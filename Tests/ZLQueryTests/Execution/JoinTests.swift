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
            let node = AsofJoinNode(
                isLeft: isLeft, left: leftPlan, right: rightPlan,
                keys: [JoinKey(left: PlanFixture.reference(l[0]), right: PlanFixture.reference(r[0]))],
                leftKey: PlanFixture.reference(l[1]), rightKey: PlanFixture.reference(r[1]), comparison: comparison,
                direction: .backward, tolerance: nil, residual: nil)
            let expected = left.compactMap { a -> [Int?]? in
                if let b = Self.naiveMatch(a, right, comparison) { return a + b }
                return isLeft ? a + [nil, nil] : nil
            }
            #expect(try PlanFixture.rows(.asofJoin(node), threads: 2) == expected)
        }
    }
}
