import Testing
import ZLQuery

@Suite("Windows and threads")
struct WindowThreadTests {
    @Test("One partition over two threads, and shuffled rows, give the same bits as one thread on rows in order")
    func sameBits() throws {
        let session = Session(try Database())
        try session.execute("""
            CREATE TABLE t AS SELECT i, 1e6 + sin(i * 0.01) * 20 + (i * 7919) % 1009 AS x,
                CASE WHEN i % 11 = 0 THEN NULL ELSE cos(i * 0.02) * 3 + (i * 104729) % 997 END AS y FROM range(150000) AS r(i)
            """)
        try session.execute("CREATE TABLE shuffled AS SELECT * FROM t ORDER BY (i * 48271) % 65537, i")
        func results(_ table: String, threads: Int) throws -> [QueryResult.Cell] {
            try session.execute("SET threads = \(threads)")
            let result = try session.execute("""
                SELECT a, b, c, d, e, f, g, h FROM (
                    SELECT i, avg(x) OVER w AS a, stddev(y) OVER w AS b, zscore(x) OVER w AS c, corr(x, y) OVER w AS d,
                        median(y) OVER w AS e, max(y) OVER w AS f, percentile(y) OVER w AS g, ema(x, 12) OVER (ORDER BY i) AS h
                    FROM \(table) WINDOW w AS (ORDER BY i ROWS 62 PRECEDING)) ORDER BY i
                """)
            return (0..<result.rowCount).flatMap { row in (0..<8).map { result.cell(row: row, column: $0) } }
        }
        let expected = try results("t", threads: 1)
        #expect(expected.count == 1_200_000)
        #expect(try results("t", threads: 2) == expected)
        #expect(try results("shuffled", threads: 2) == expected)
    }
}
