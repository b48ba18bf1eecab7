import Testing

@testable import ZLColumnar
@testable import ZLQuery

/// Aggregates of all rows, which take many blocks of a table at once, against the same aggregates of a chunk at a time and a twin that walks over
/// all rows.
@Suite("Long batches")
struct LongBatchTests {
    private static let sizes = [0, 1, 2047, 2048, 2049, 4097, 40_959, 40_961, 125_000]

    /// x lies packed as decimals, some of them apart; r as it came; v and w packed; s as codes.
    private static func columns(_ null: String) -> String {
        """
        i, CASE WHEN \(null) THEN NULL WHEN i % 9973 = 5 THEN 0.1 + 0.2 ELSE (6000 + i // 1000 % 70 * 10 + i * 7919 % 101) / 100 END AS x,
        CASE WHEN \(null) THEN NULL ELSE sin(i) * 1e9 END AS r, i * 31 % 977 AS v, CASE WHEN \(null) THEN NULL ELSE i * 17 % 300 END AS w,
        'k' || CAST(i % 7 AS VARCHAR) AS s
        """
    }

    private static let aggregates = [
        "sum(x), count(*), avg(x)", "count(x), min(x), max(x)", "sum(r), stddev_samp(r), corr(x, r)", "sum(v), avg(w), count(w)", "first(x), last(v), any_value(w)",
        "min(s), max(s), count(s)", "median(v), mode(w)", "max(i), bit_xor(v), count(*)",
    ]
    private static let filters = [
        "TRUE", "x > 62.5 AND v < 400", "v = 5", "v <> 5 AND w < 250", "v < 0", "v >= 0", "r > 0", "s = 'k3' AND v < 300", "s <> 'k3'", "w < v", "isfinite(r) AND x <= 64.0",
        "i >= 2048 AND i < 34816", "i % 3 = 1 AND v < 500", "i = 122880", "v < 400 OR w > 200",
    ]

    @Test("give what a chunk at a time gives, to the last bit, with every filter", arguments: ["FALSE", "i % 5 = 2", "i % 8192 < 4000", "TRUE"])
    func chunks(null: String) throws {
        // why: one row group is one task, and many rows are for some of the pairs only
        for (size, threads, step) in [(0, 1, 1), (1, 1, 1), (2047, 1, 3), (2049, 1, 1), (43_100, 1, 7), (125_000, 1, 11), (125_000, 2, 11)] {
            let session = Session(try Database())
            session.setThreads(threads)
            try session.execute("CREATE TABLE t AS SELECT \(Self.columns(null)) FROM range(\(size)) AS r(i)")
            for (place, aggregates) in Self.aggregates.enumerated() {
                for (number, filter) in Self.filters.enumerated() where (place * Self.filters.count + number) % step == 0 {
                    let long = try session.execute("SELECT \(aggregates) FROM t WHERE \(filter)")
                    // why: a call with a filter of its own does not take all rows
                    let short = try session.execute("SELECT \(aggregates), count(*) FILTER (WHERE i >= 0) FROM t WHERE \(filter)")
                    for column in long.columns.indices {
                        let found = long.cell(row: 0, column: column)
                        #expect(
                            Self.bits(found) == Self.bits(short.cell(row: 0, column: column)),
                            "\(aggregates) where \(filter), \(size) rows, \(threads) threads: \(found)")
                    }
                }
            }
        }
    }

    private static func bits(_ cell: QueryResult.Cell) -> String {
        if case .double(let number) = cell { return "\(number.bitPattern)" }
        return "\(cell)"
    }

    @Test("sum up the values of each block in sixteen lanes, NULLs left out, and block sums in order", arguments: [1, 2], sizes)
    func sums(threads: Int, size: Int) throws {
        let session = Session(try Database())
        session.setThreads(threads)
        for (bound, hole) in [(0, 0), (3, 0), (400, 0), (977, 0), (3, 2), (977, 2), (400, 5000)] {
            let isNull: (Int) -> Bool = { hole == 2 ? $0 % 5 == 2 : $0 % 8192 < hole }
            try session.execute("""
                CREATE OR REPLACE TABLE t AS SELECT CASE WHEN \(hole == 2 ? "i % 5 = 2" : "i % 8192 < \(hole)") THEN NULL ELSE i * 7919 % 10007 / 1000 END AS x,
                    i * 31 % 977 AS v FROM range(\(size)) AS r(i)
                """)
            var (total, count, rowCount) = (0.0, 0, 0)
            for start in stride(from: 0, to: size, by: DataChunk.blockSize) {
                let passing = (start..<min(start + DataChunk.blockSize, size)).filter { $0 * 31 % 977 < bound }
                let rows = passing.filter { !isNull($0) }
                rowCount += passing.count
                let values = rows.map { Double($0 * 7919 % 10007) / 1000 }
                var lanes = [Double](repeating: 0, count: 16)
                for row in 0..<values.count / 16 * 16 { lanes[row % 16] += values[row] }
                for half in [8, 4, 2, 1] {
                    for lane in 0..<half { lanes[lane] += lanes[lane + half] }
                }
                total += lanes[0] + values[(values.count / 16 * 16)...].reduce(0, +)
                count += values.count
            }
            let result = try session.execute("SELECT sum(x), count(*) FROM t WHERE v < \(bound)")
            #expect(result.cell(row: 0, column: 0) == (count == 0 ? .null : .double(total)), "\(bound)")
            #expect(result.cell(row: 0, column: 1) == .integer(Int128(rowCount)), "\(bound)")
        }
    }

    @Test("can be cut, picked from and put behind others like any batch")
    func parts() {
        let column = ColumnVector.sequence(.bigint, first: 0, step: 1, count: 9)
        let batch = Batch(chunk: DataChunk(columns: [column], rowCount: 9), block: 4, ends: [2, 2, 5, 9])
        func blocks(_ batch: Batch) -> [Int] {
            let each = batch.blockOfEachRow()
            return (0..<batch.chunk.rowCount).map { Int(each.values(UInt32.self)[$0]) }
        }
        let known = [4, 4, 6, 6, 6, 7, 7, 7, 7]
        #expect(blocks(batch) == known)
        #expect(blocks(batch.behind(blocks: 10)) == known.map { $0 + 10 })
        for start in 0..<9 {
            for end in start + 1...9 { #expect(blocks(batch.slice(start..<end)) == Array(known[start..<end])) }
        }
        let picked: [UInt32] = [0, 2, 4, 5, 8]
        #expect(blocks(batch.picking(picked, count: 5)) == [4, 6, 6, 7, 7])
        #expect(Batch(chunk: batch.chunk, block: 4, ends: [3, 9]).ends == nil)
        #expect(blocks(Batch(chunk: batch.chunk, block: 4, ends: [3, 9])) == [4, 4, 4, 5, 5, 5, 5, 5, 5])
    }
}

@Suite("Few rows")
struct FewRowsTests {
    private struct Source: BatchSource {
        let counts: [Int?]
        var morselCount: Int { counts.count }
        func run(morsel: Int, emit: (Batch) throws -> Void) throws {}
        func openRowCount(morsel: Int) throws -> Int? { counts[morsel] }
    }

    @Test("are those of a source that says so of every morsel")
    func predicate() throws {
        for (counts, expected) in [
            ([], true), ([32_768], true), ([32_769], false), ([nil], false), ([5, nil], false), ([30_000, 2_768, 0], true), ([30_000, 2_769], false),
            ([Int?](repeating: 1, count: 32), true), ([Int?](repeating: 1, count: 33), false),
        ] as [([Int?], Bool)] {
            #expect(try Source(counts: counts).hasFewRows() == expected, "\(counts)")
        }
    }

    @Test("of many row groups come in order and are counted, summed and grouped on one thread as on two")
    func rows() throws {
        let sessions = try [1, 2].map { threads in
            let session = Session(try Database())
            session.setThreads(threads)
            try session.execute("""
                CREATE TABLE t AS SELECT i, i % 100000 AS k, 's' || CAST(i % 3 AS VARCHAR) AS s, CASE WHEN i % 4 <> 1 THEN i % 1000 / 7 END AS x
                FROM range(500000) AS r(i)
                """)
            return session
        }
        for (low, high) in [(0, 1), (500, 700), (40_000, 41_000), (99_999, 100_000), (60_000, 90_000), (0, 100_000), (7, 7)] {
            let rows = (0..<500_000).filter { (low..<high).contains($0 % 100_000) }
            for session in sessions {
                let found = try session.execute("SELECT i FROM t WHERE k >= \(low) AND k < \(high)")
                #expect((0..<found.rowCount).map { found.cell(row: $0, column: 0) } == rows.map { .integer(Int128($0)) })
                let total = try session.execute("SELECT count(*), sum(i), count(x) FROM t WHERE k >= \(low) AND k < \(high)")
                #expect(total.cell(row: 0, column: 0) == .integer(Int128(rows.count)))
                #expect(total.cell(row: 0, column: 1) == (rows.isEmpty ? .null : .integer(Int128(rows.reduce(0, +)))))
                #expect(total.cell(row: 0, column: 2) == .integer(Int128(rows.count { $0 % 4 != 1 })))
            }
            for query in ["s, count(*), sum(x), first(i) FROM t WHERE k >= \(low) AND k < \(high) GROUP BY s", "sum(x), stddev_samp(x) FROM t WHERE k >= \(low) AND k < \(high)"] {
                let results = try sessions.map { try $0.execute("SELECT \(query)") }
                #expect(results[0].rowCount == results[1].rowCount)
                for row in 0..<results[0].rowCount {
                    for column in results[0].columns.indices {
                        #expect(results[0].cell(row: row, column: column) == results[1].cell(row: row, column: column), "\(query)")
                    }
                }
            }
        }
    }
}
