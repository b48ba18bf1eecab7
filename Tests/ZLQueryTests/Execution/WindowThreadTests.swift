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

    @Test("Rows in order, read part by part, give the same bits as the same rows shuffled and held in memory")
    func streamed() throws {
        let session = Session(try Database())
        // why: partitions of 1, 2 and 5 rows, others longer than a row group, borders on and off those of vectors
        try session.execute("""
            CREATE TABLE t AS SELECT CASE WHEN i < 40 THEN i // 5 WHEN i < 2048 THEN 100 WHEN i < 2050 THEN 100 + i % 2048
                WHEN i < 9000 THEN 200 + i // 1000 ELSE 1000 + i // 140000 END AS p, 's' || CAST(i // 5000 AS VARCHAR) AS s, i,
                1e6 + sin(i * 0.01) * 20 + (i * 7919) % 1009 AS x,
                CASE WHEN i % 11 = 0 THEN NULL ELSE cos(i * 0.02) * 3 + (i * 104729) % 997 END AS y FROM range(300000) AS r(i)
            """)
        try session.execute("CREATE TABLE shuffled AS SELECT * FROM t ORDER BY (i * 48271) % 65537, i")
        func results(_ table: String, _ condition: String) throws -> [QueryResult.Cell] {
            let result = try session.execute("""
                SELECT a, b, c, d, e, f, g, h, j, k, l, m FROM (
                    SELECT i, avg(x) OVER w AS a, stddev(y) OVER w AS b, corr(x, y) OVER w AS c, median(y) OVER w AS d,
                        max(y) OVER w AS e, percentile(y) OVER w AS f, lag(y, 3) OVER v AS g, lead(s, 1500, 'none') OVER v AS h,
                        row_number() OVER v AS j, sum(i) FILTER (WHERE y > 500) OVER w AS k, zscore(x) OVER u AS l,
                        first_value(y) OVER u AS m
                    FROM \(table) WHERE \(condition) WINDOW v AS (PARTITION BY p ORDER BY i), w AS (v ROWS 62 PRECEDING),
                        u AS (v ROWS BETWEEN 1200 PRECEDING AND 7 FOLLOWING)) ORDER BY i
                """)
            return (0..<result.rowCount).flatMap { row in (0..<12).map { result.cell(row: row, column: $0) } }
        }
        for condition in ["true", "x > 1000400 OR i % 9 = 1", "i < 0", "i = 123456"] {
            let expected = try results("shuffled", condition)
            for threads in 1...2 {
                try session.execute("SET threads = \(threads)")
                #expect(try results("t", condition) == expected, "\(condition), \(threads) threads")
            }
        }
    }

    @Test("Columns that nothing but the order is made of are left out where rows are read part by part, and change no result")
    func keysAreLeftOut() throws {
        let session = Session(try Database())
        try session.execute("""
            CREATE TABLE t AS SELECT 's' || CAST(10 + i // 30000 AS VARCHAR) AS p, i, i % 977 AS v,
                CASE WHEN i % 11 = 0 THEN NULL ELSE cos(i * 0.02) * 3 + (i * 104729) % 997 END AS y FROM range(140000) AS r(i)
            """)
        try session.execute("CREATE TABLE shuffled AS SELECT * FROM t ORDER BY (i * 48271) % 65537, i")
        let window = "(PARTITION BY p ORDER BY i ROWS 20 PRECEDING)"
        let queries = [
            "SELECT a FROM (SELECT lag(y) OVER \(window) AS a FROM #)",
            "SELECT p, a FROM (SELECT p, i, v, avg(y) OVER \(window) AS a FROM #)",
            "SELECT a, i FROM (SELECT p, i, v, max(v) OVER \(window) AS a FROM #)",
            "SELECT v + a FROM (SELECT p, v, ema(y, 12) OVER (PARTITION BY p ORDER BY i) AS a FROM #) WHERE a > 3",
            "SELECT a FROM (SELECT p, lag(7) OVER \(window) AS a FROM #)",
            "SELECT a FROM (SELECT sum(y) FILTER (WHERE v > 500) OVER \(window) AS a FROM # WHERE i % 5 > 1)",
            "SELECT a, b FROM (SELECT a, min(a) OVER \(window) AS b FROM (SELECT *, stddev(y) OVER \(window) AS a FROM #))",
        ]
        for query in queries {
            func results(_ table: String) throws -> [[QueryResult.Cell]] {
                let result = try session.execute(query.replacing("#", with: table))
                return (0..<result.rowCount).map { row in (0..<result.columns.count).map { result.cell(row: row, column: $0) } }
            }
            let expected = try results("shuffled")
            for threads in 1...2 {
                try session.execute("SET threads = \(threads)")
                #expect(try results("t") == expected, "\(query), \(threads) threads")
            }
        }
    }
}
