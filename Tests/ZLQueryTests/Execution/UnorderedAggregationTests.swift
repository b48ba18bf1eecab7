import Testing
import ZLColumnar

@testable import ZLQuery

/// Aggregates that are the same in any order of the rows, against a twin that walks over all rows.
@Suite("Aggregation without the order of rows")
struct UnorderedAggregationTests {
    private static let rowCount = 250_000

    private struct Group {
        var rows = 0, sum = 0, index: Int128 = 0, large: Int128 = 0, least = Int.max, greatest = Int.min, bits = 0, squares: Int128 = 0
        var someCount = 0, some = 0
    }

    /// k, a, b, c of row i; a DECIMAL d is a / 100.
    private static func key(_ row: Int, _ distinct: Int) -> Int? { row % 11 == 3 ? nil : (row * 7919 + row / 1000) % distinct - 20 }
    private static func small(_ row: Int) -> Int { row * 31 % 977 - 400 }
    private static func large(_ row: Int) -> Int { row % 1000 == 5 ? Int.max - row : row }
    private static func some(_ row: Int) -> Int? { row % 13 == 4 ? nil : row % 7 }

    private static func session(_ distinct: Int, threads: Int) throws -> Session {
        let session = Session(try Database())
        try session.execute("SET threads = \(threads)")
        try session.execute("""
            CREATE TABLE t AS SELECT i, CASE WHEN i % 11 <> 3 THEN (i * 7919 + i // 1000) % \(distinct) - 20 END AS k, i * 31 % 977 - 400 AS a,
              CASE WHEN i % 1000 = 5 THEN 9223372036854775807 - i ELSE i END AS b, CASE WHEN i % 13 <> 4 THEN i % 7 END AS c,
              CAST((i * 31 % 977 - 400) / 100 AS DECIMAL(12, 2)) AS d FROM range(\(rowCount)) AS r(i)
            """)
        return session
    }

    private static func twin(_ distinct: Int, where isKept: (Int) -> Bool = { _ in true }) -> [(key: Int?, group: Group)] {
        var (groups, order): ([Int?: Group], [Int?]) = ([:], [])
        for row in 0..<rowCount where isKept(row) {
            let key = key(row, distinct)
            if groups[key] == nil { order.append(key) }
            let value = small(row)
            var group = groups[key] ?? Group()
            groups[key] = nil
            group.rows += 1
            group.sum += value
            group.index += Int128(row)
            group.large += Int128(large(row))
            group.least = min(group.least, value)
            group.greatest = max(group.greatest, row)
            group.bits ^= value
            group.squares += Int128(value * value)
            if let some = some(row) {
                group.someCount += 1
                group.some += some
            }
            groups[key] = group
        }
        return order.map { ($0, groups[$0] ?? Group()) }
    }

    private static func number(_ value: Int128) -> Value { .integer(value) }
    private static func key(_ key: Int?) -> Value { key.map { .integer(Int128($0)) } ?? .null }

    @Test("sums in slots", arguments: [1, 40, 20_000, 31_000], [1, 2])
    func slots(distinct: Int, threads: Int) throws {
        let session = try Self.session(distinct, threads: threads)
        let groups = Self.twin(distinct)
        var found = try session.rows("SELECT k, count(*), sum(a), avg(a), sum(i), avg(d), sum(d) FROM t GROUP BY k")
        #expect(found.count == groups.count)
        for (row, (key, group)) in zip(found, groups) {
            let (sum, count) = (Double(group.sum), Double(group.rows))
            var expected: [Value] = [Self.key(key), Self.number(Int128(group.rows)), Self.number(Int128(group.sum))]
            expected.append(.double(sum / count))
            expected.append(Self.number(group.index))
            expected.append(.double(sum / (count * 100)))
            expected.append(.decimal(Int128(group.sum)))
            guard row == expected else { return #expect(row == expected) }
        }
        found = try session.rows("SELECT k, count(*) FROM t WHERE i % 5 = 2 GROUP BY k")
        let kept = Self.twin(distinct) { $0 % 5 == 2 }
        #expect(found == kept.map { [Self.key($0.key), Self.number(Int128($0.group.rows))] })
    }

    @Test("sums that 64 bits may not hold, and values that are NULL", arguments: [40, 20_000], [1, 2])
    func unfit(distinct: Int, threads: Int) throws {
        let session = try Self.session(distinct, threads: threads)
        let found = try session.rows("SELECT k, sum(b), sum(a) FROM t GROUP BY k")
        #expect(found == Self.twin(distinct).map { [Self.key($0.key), Self.number($0.group.large), Self.number(Int128($0.group.sum))] })
        let some = try session.rows("SELECT k, sum(c), count(c) FROM t GROUP BY k")
        #expect(some == Self.twin(distinct).map { key, group in
            [Self.key(key), group.someCount == 0 ? .null : Self.number(Int128(group.some)), Self.number(Int128(group.someCount))]
        })
    }

    @Test("states of each thread", arguments: [1, 900, 20_000], [1, 2])
    func states(distinct: Int, threads: Int) throws {
        let session = try Self.session(distinct, threads: threads)
        let calls = "min(a), max(i), bit_xor(a), var_pop(a), bool_or(a > 570), count(*) FILTER (WHERE a > 0)"
        var positive: [Int?: Int] = [:]
        for row in 0..<Self.rowCount where Self.small(row) > 0 { positive[Self.key(row, distinct), default: 0] += 1 }
        var greatest: [Int?: Int] = [:]
        for row in 0..<Self.rowCount { greatest[Self.key(row, distinct)] = max(greatest[Self.key(row, distinct)] ?? Int.min, Self.small(row)) }
        let names: [(String, @Sendable (Int?) -> Value)] = [
            ("k", { Self.key($0) }), ("'x' || k", { key in key.map { .string("x\($0)") } ?? .null }),
        ]
        for (key, name) in names {
            let found = try session.rows("SELECT \(key), \(calls) FROM t GROUP BY \(key)")
            let groups = Self.twin(distinct)
            #expect(found.count == groups.count)
            for (row, (key, group)) in zip(found, groups) {
                let n = Double(group.rows)
                let products: Int128 = Int128(group.rows) * group.squares
                let deviations: Double = Double(products - Int128(group.sum) * Int128(group.sum)) / n
                var expected: [Value] = [name(key), Self.number(Int128(group.least)), Self.number(Int128(group.greatest))]
                expected.append(Self.number(Int128(group.bits)))
                expected.append(.double(deviations / n))
                expected.append(.boolean((greatest[key] ?? 0) > 570))
                expected.append(Self.number(Int128(positive[key] ?? 0)))
                guard row == expected else { return #expect(row == expected) }
            }
        }
    }

    @Test("different keys", arguments: [1, 2])
    func distinct(threads: Int) throws {
        let session = try Self.session(31_000, threads: threads)
        let keys = Self.twin(31_000).map(\.key)
        #expect(try session.rows("SELECT DISTINCT k FROM t") == keys.map { [Self.key($0)] })
        #expect(try session.rows("SELECT count(DISTINCT k) FROM t") == [[Self.number(Int128(keys.count - 1))]])
        let failing = "SELECT k, sum(CAST(CASE WHEN i % 60000 = 5 AND i > 200 THEN 'x' || i ELSE '1' END AS INTEGER)) FROM t GROUP BY k"
        var message = ""
        do { _ = try session.rows(failing) } catch { message = "\(error)" }
        #expect(message.contains("x60005"))
    }
}
