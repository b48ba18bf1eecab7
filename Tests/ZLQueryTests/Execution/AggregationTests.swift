import Testing

@testable import ZLColumnar
@testable import ZLQuery

/// Grouping against twins that walk over all rows.
@Suite struct AggregationTests {
    /// k, v, t: a key of `distinct` values, a DOUBLE of awkward sizes, a text; one in seven NULL each.
    private struct Rows {
        var keys: [Int?] = []
        var values: [Double?] = []
        var texts: [String?] = []

        init(_ count: Int, distinct: Int, runLength: Int, seed: UInt64) {
            var generator = TestGenerator(seed: seed)
            for row in 0..<count {
                let number = runLength > 1 ? row / runLength % distinct : Int.random(in: 0..<distinct, using: &generator)
                keys.append(number % 7 == 3 ? nil : number)
                let isLarge = Int.random(in: 0..<50, using: &generator) == 0
                let value = Double.random(in: -1...1, using: &generator) * (isLarge ? 1e12 : 1)
                values.append(Int.random(in: 0..<7, using: &generator) == 0 ? nil : value)
                let text = "a text of more than twelve bytes \(number % 100)".suffix(Int.random(in: 1...34, using: &generator))
                texts.append(Int.random(in: 0..<7, using: &generator) == 0 ? nil : String(text))
            }
        }

        var chunks: [DataChunk] {
            stride(from: 0, to: keys.count, by: DataChunk.capacity).map { start in
                let rows = start..<min(keys.count, start + DataChunk.capacity)
                let columns = [DataType.bigint, .double, .varchar].map { ColumnBuilder(type: $0) }
                for row in rows {
                    columns[0].append(value: keys[row].map { .integer(Int128($0)) } ?? .null)
                    columns[1].append(value: values[row].map { .double($0) } ?? .null)
                    columns[2].append(value: texts[row].map { .string($0) } ?? .null)
                }
                return DataChunk(columns: columns.map { $0.finish() }, rowCount: rows.count)
            }
        }
    }

    /// What the twin knows of a group.
    private struct Group {
        var rows = 0
        var sum = 0.0
        var blockSum: Double { isAlone ? Group.laneSum(blockValues) : blockValues.reduce(0, +) }
        var blockValues: [Double] = []
        var block = -1
        /// There is no GROUP BY.
        var isAlone = false
        var count = 0
        var least: Double?
        var leastOfText: Double?
        var greatest: Double?
        var first: Value = .null
        var last: Value = .null
        var leastText: String?
        var textOfLeast: Value = .null
        var total: Int128 = 0

        mutating func add(_ value: Double?, _ text: String?, number: Int, row: Int) {
            let held: Value = value.map { .double($0) } ?? .null
            if rows == 0 { first = held }
            last = held
            rows += 1
            total += Int128(number)
            if let text { leastText = leastText.map { $0.utf8.lexicographicallyPrecedes(text.utf8) ? $0 : text } ?? text }
            guard let value else { return }
            if row / DataChunk.blockSize != block {
                sum += blockSum
                (blockValues, block) = ([], row / DataChunk.blockSize)
            }
            blockValues.append(value)
            count += 1
            least = least.map { min($0, value) } ?? value
            if let text, leastOfText.map({ value < $0 }) ?? true {
                leastOfText = value
                textOfLeast = .string(text)
            }
            greatest = greatest.map { max($0, value) } ?? value
        }

        private static func laneSum(_ values: [Double]) -> Double {
            let whole = values.count / 16 * 16
            var lanes = [Double](repeating: 0, count: 16)
            for row in 0..<whole { lanes[row % 16] += values[row] }
            for half in [8, 4, 2, 1] {
                for lane in 0..<half { lanes[lane] += lanes[lane + half] }
            }
            return lanes[0] + values[whole...].reduce(0, +)
        }

        func results(_ key: Int?) -> [Value] {
            [
                key.map { .integer(Int128($0)) } ?? .null, .integer(Int128(rows)), .integer(Int128(count)),
                count == 0 ? .null : .double(sum + blockSum), least.map { .double($0) } ?? .null,
                greatest.map { .double($0) } ?? .null, first, last, leastText.map { .string($0) } ?? .null, textOfLeast,
                .integer(total),
            ]
        }
    }

    private static let calls = "count(*), count(v), sum(v), min(v), max(v), first(v), last(v), min(t), arg_min(t, v), sum(coalesce(k, 5))"

    private func run(_ rows: Rows, _ sql: String, threads: Int) throws -> [[Value]] {
        let session = try Session()
        try session.load(rows.chunks, threads: threads)
        return try session.rows(sql)
    }

    @Test(arguments: [(1, 1), (40, 1), (900, 37), (90_000, 1), (28_000, 5)], [1, 2])
    func groupsAgreeWithATwinInOrderOfAppearance(_ shape: (distinct: Int, runLength: Int), threads: Int) throws {
        let rows = Rows(140_000, distinct: shape.distinct, runLength: shape.runLength, seed: 17)
        var groups: [Int?: Group] = [:]
        var order: [Int?] = []
        for row in rows.keys.indices {
            let key = rows.keys[row]
            if groups[key] == nil { order.append(key) }
            groups[key, default: Group()].add(rows.values[row], rows.texts[row], number: key ?? 5, row: row)
        }
        let expected = order.map { key in groups[key]?.results(key) ?? [] }
        #expect(try run(rows, "SELECT k, \(Self.calls) FROM t GROUP BY k", threads: threads) == expected)
    }

    @Test(arguments: [1, 2])
    func allRowsAreOneGroup(threads: Int) throws {
        let rows = Rows(140_000, distinct: 1000, runLength: 1, seed: 3)
        var group = Group(isAlone: true)
        for row in rows.keys.indices { group.add(rows.values[row], rows.texts[row], number: rows.keys[row] ?? 5, row: row) }
        #expect(try run(rows, "SELECT 0, \(Self.calls) FROM t", threads: threads) == [group.results(0)])
    }

    @Test(arguments: [1, 2])
    func textsAndPairsGroupAsTheTwinDoes(threads: Int) throws {
        let rows = Rows(130_000, distinct: 50_000, runLength: 1, seed: 5)
        var counts: [String?: [Int?: Int]] = [:]
        for row in rows.keys.indices { counts[rows.texts[row], default: [:]][rows.keys[row].map { $0 % 3 }, default: 0] += 1 }
        let found = try run(rows, "SELECT t, k % 3, count(*) FROM t GROUP BY t, k % 3", threads: threads)
        #expect(found.count == counts.values.reduce(0) { $0 + $1.count })
        for row in found {
            var text: String?
            if case .string(let known) = row[0] { text = known }
            var number: Int?
            if case .integer(let known) = row[1] { number = Int(known) }
            #expect(row[2] == .integer(Int128(counts[text]?[number] ?? 0)))
        }
    }

    @Test(arguments: [1, 2])
    func filtersAndDistinctCallsSeeTheirRowsOnly(threads: Int) throws {
        let rows = Rows(130_000, distinct: 30, runLength: 1, seed: 11)
        var sums: [Int?: Int128] = [:]
        var distinct: [Int?: Set<String>] = [:]
        var order: [Int?] = []
        for row in rows.keys.indices {
            let key = rows.keys[row]
            if sums[key] == nil {
                order.append(key)
                sums[key] = 0
            }
            if let value = rows.values[row], value > 0 { sums[key, default: 0] += Int128(100 / (value > 0 ? 1 : 0)) }
            if let text = rows.texts[row] { distinct[key, default: []].insert(text) }
        }
        let found = try run(
            rows, """
            SELECT k, coalesce(sum((100 / CASE WHEN v > 0 THEN 1 ELSE 0 END)::INTEGER) FILTER (WHERE v > 0), 0),
                count(DISTINCT t) FROM t GROUP BY k
            """, threads: threads)
        let expected: [[Value]] = order.map { key in
            [key.map { .integer(Int128($0)) } ?? .null, .integer(sums[key] ?? 0), .integer(Int128(distinct[key]?.count ?? 0))]
        }
        #expect(found == expected)
    }

    @Test func notANumberIsGreatestAndZerosAreOneGroup() throws {
        let session = try Session()
        let found = try session.rows(
            """
            SELECT x, min(y), max(y), arg_max(z, y) FROM (VALUES (0.0::DOUBLE, 'nan'::DOUBLE, 1), (-0.0::DOUBLE, 5.0::DOUBLE, 2),
                ('nan'::DOUBLE, 'nan'::DOUBLE, 3), ('nan'::DOUBLE, 'nan'::DOUBLE, 4)) AS t(x, y, z) GROUP BY x
            """)
        #expect(found.count == 2)
        #expect(found[0][1] == .double(5))
        #expect(found[0][3] == .integer(1))
        #expect(found[1][3] == .integer(3))
        for value in [found[0][2], found[1][1], found[1][2]] {
            guard case .double(let number) = value else { return #expect(Bool(false), "not a DOUBLE") }
            #expect(number.isNaN)
        }
    }

    @Test(arguments: [1, 2])
    func distinctKeysAreThoseOfTheTwinInOrderOfAppearance(threads: Int) throws {
        let rows = Rows(130_000, distinct: 60_000, runLength: 1, seed: 23)
        var order: [Value] = []
        var seen: Set<Int?> = []
        for key in rows.keys where seen.insert(key).inserted { order.append(key.map { .integer(Int128($0)) } ?? .null) }
        let session = try Session()
        try session.load(rows.chunks, threads: threads)
        #expect(try session.rows("SELECT DISTINCT k FROM t").map { $0[0] } == order)
        #expect(try session.rows("SELECT count(DISTINCT k) FROM t") == [[.integer(Int128(order.count - 1))]])
        #expect(try session.rows("SELECT count(DISTINCT t) FROM t") == [[.integer(Int128(Set(rows.texts.compactMap { $0 }).count))]])
    }

    @Test(arguments: [1, 2])
    func predicatesKeepTheRowsThatTheTwinKeeps(threads: Int) throws {
        let rows = Rows(5000, distinct: 50, runLength: 1, seed: 29)
        let kept = rows.keys.indices.filter { row in
            guard let key = rows.keys[row], let value = rows.values[row], let text = rows.texts[row] else { return false }
            return key > 10 && value <= 0.5 && key < 40 && Array("b".utf8).lexicographicallyPrecedes(Array(text.utf8)) && 10 / (key - 10) >= 0
        }
        let session = try Session()
        try session.load(rows.chunks, threads: threads)
        let found = try session.rows("SELECT count(*), sum(k) FROM t WHERE k > 10 AND v <= 0.5 AND k < 40 AND 'b' < t AND 10 // (k - 10) >= 0")
        let total = kept.reduce(Int128(0)) { $0 + Int128(rows.keys[$1] ?? 0) }
        #expect(found == [[.integer(Int128(kept.count)), .integer(total)]])
    }

    @Test func intervalsAndTextsAreChosenByTheirOwnOrder() throws {
        let session = try Session()
        let found = try session.rows(
            """
            SELECT min(i)::VARCHAR, max(i)::VARCHAR, arg_max(s, i), min(s), max(s), arg_min(i, s)::VARCHAR FROM (VALUES
                (INTERVAL '1 month', 'a text that is longer than a view'), (INTERVAL '29 days', 'a text that is longer than all'),
                (NULL, 'b'), (INTERVAL '31 days', NULL)) AS t(i, s)
            """)
        #expect(
            found == [[
                .string("29 days"), .string("31 days"), .string("a text that is longer than a view"),
                .string("a text that is longer than a view"), .string("b"), .string("1 month"),
            ]])
    }

    @Test func bucketsOfOneWidthAreThoseOfWidthsByRow() throws {
        let session = try Session()
        let found = try session.rows(
            """
            SELECT count(*) FROM (
                SELECT TIMESTAMP '1969-12-30 00:00:00' + INTERVAL '1 second' * ((i * 7919) % 400000) AS moment, i FROM range(5000) AS r(i)) AS x
            WHERE time_bucket(INTERVAL '7 minutes', moment)
                IS DISTINCT FROM time_bucket(CASE WHEN i >= 0 THEN INTERVAL '7 minutes' ELSE INTERVAL '1 day' END, moment)
            """)
        #expect(found == [[.integer(0)]])
    }
}

extension Session {
    fileprivate convenience init() throws(ZLError) { self.init(try Database()) }

    /// Makes the table t (k BIGINT, v DOUBLE, t VARCHAR) of these rows.
    fileprivate func load(_ chunks: [DataChunk], threads: Int) throws {
        setThreads(threads)
        try execute("CREATE TABLE t (k BIGINT, v DOUBLE, t VARCHAR)")
        try atomically { () throws(ZLError) in
            guard let entry = catalog.entry(schema: "main", name: "t") else { throw ZLError(.internal, "test", "no table") }
            let data = try TableData(types: [.bigint, .double, .varchar]).appending(chunks)
            catalog.put(try catalog.definition(of: entry), data)
        }
    }

    /// All rows of an answer.
    func rows(_ sql: String) throws -> [[Value]] {
        try execute(sql).chunks.flatMap { chunk in
            (0..<chunk.rowCount).map { row in chunk.columns.map { $0.value(at: row) } }
        }
    }
}
