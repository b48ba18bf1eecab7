import Testing
import ZLQuery

@Suite("Aggregation of rows in order")
struct OrderedAggregationTests {
    /// Symbols of very different lengths, one of them longer than several row groups; times with gaps; NULLs at the end of each symbol.
    private func session(rows: Int, threads: Int) throws -> Session {
        let session = Session(try Database())
        try session.execute("SET threads = \(threads)")
        try session.execute("""
            CREATE TABLE t AS SELECT s, ts, i, x, CASE WHEN i % 5 <> 0 THEN x END AS y, 'v' || CAST(i % 97 AS VARCHAR) AS v FROM (
              SELECT i, CASE WHEN i < 900 THEN 'a' WHEN i < 1000 THEN 'b' WHEN i < 130000 THEN 'c' ELSE 'd' || CAST(100000 + i // 50 AS VARCHAR) END AS s,
                CASE WHEN i % 130000 < 129990 THEN TIMESTAMP '2024-01-01' + CAST(i + i // 1000 * 400 AS INTEGER) * INTERVAL 7 SECOND END AS ts,
                CASE i % 1013 WHEN 0 THEN 'nan'::DOUBLE ELSE (i * 7919) % 1009 / 7.0 END AS x
              FROM range(\(rows)) AS r(i))
            """)
        return session
    }

    private static let calls = """
        count(*), sum(x), avg(y), min(x), max(i), first(x), last(v), median(y), stddev_samp(x), count(DISTINCT v), sum(i) FILTER (WHERE i % 3 = 0)
        """

    @Test("gives the groups, bits and order that a table gives", arguments: [1, 2])
    func sameAsTable(threads: Int) throws {
        for rows in [0, 1, 2049, 140_000] {
            let session = try session(rows: rows, threads: threads)
            // why: the key that is no plain column keeps the rows from counting as ordered
            let keys: [(ordered: String, hashed: String)] = [
                ("s, time_bucket(INTERVAL '1 minute', ts)", "s || '', time_bucket(INTERVAL '1 minute', ts)"),
                ("date_trunc('hour', ts), s", "date_trunc('hour', ts), s || ''"),
                ("s, ts", "s || '', ts"), ("i", "i + 0"), ("s, i", "s || '', i"), ("s", "s || ''"), ("s, CAST(ts AS DATE)", "s || '', CAST(ts AS DATE)"),
            ]
            for (index, (ordered, hashed)) in keys.enumerated() {
                // why: on many rows each key is tried with one condition and one count of threads
                let conditions = ["", "WHERE i % 7 > 2"]
                for (number, condition) in conditions.enumerated() where rows < 3000 || (index + number + threads) % 3 == 0 {
                    func rows(_ key: String) throws -> [String] {
                        let result = try session.execute("SELECT \(key), \(OrderedAggregationTests.calls) FROM t \(condition) GROUP BY \(key)")
                        return (0..<result.rowCount).map { row in
                            (0..<result.columns.count).map { "\(result.cell(row: row, column: $0))" }.joined(separator: "|")
                        }
                    }
                    let (found, expected) = (try rows(ordered), try rows(hashed))
                    let isEqual = found == expected
                    #expect(isEqual, "\(ordered) \(condition), \(rows) rows, first difference at \(zip(found, expected).enumerated().first { $1.0 != $1.1 }.map { "\($0)" } ?? "the end")")
                }
            }
        }
    }

    @Test("sums over its groups are the same on one thread and two, for groups of any length")
    func blocks() throws {
        let sessions = try [1, 2].map { try session(rows: 140_000, threads: $0) }
        for keys in ["s, time_bucket(INTERVAL '1 minute', ts)", "i", "s, i", "s, date_trunc('day', ts)"] {
            for condition in ["", "WHERE i % 7 > 2", "WHERE i % 301 = 5"] {
                let totals = try sessions.map { session in
                    let result = try session.execute(
                        "SELECT sum(m), avg(m / 3), count(*), count(DISTINCT n) FROM (SELECT avg(y) AS m, max(i) AS n FROM t \(condition) GROUP BY \(keys))")
                    return (0..<4).map { "\(result.cell(row: 0, column: $0))" }
                }
                #expect(totals[0] == totals[1], "\(keys) \(condition)")
            }
        }
    }

    @Test("a key that nobody reads is not given")
    func unreadKeys() throws {
        let session = try session(rows: 2049, threads: 2)
        let result = try session.execute("SELECT count(*) FROM (SELECT s, i FROM t GROUP BY s, i)")
        #expect(result.cell(row: 0, column: 0) == .integer(2049))
        let mixed = try session.execute("SELECT min(n), max(s) FROM (SELECT s, count(*) AS n, max(x) FROM t WHERE i < 950 GROUP BY s, date_trunc('year', ts))")
        #expect(mixed.cell(row: 0, column: 0) == .integer(50))
        #expect(mixed.cell(row: 0, column: 1) == .text("b"))
    }
}
