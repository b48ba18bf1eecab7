import Testing
import ZLQuery

@Suite("The first rows of an order")
struct TopNTests {
    /// Columns of every kind of key, with ties, NULLs and extremes.
    private static let keys = [
        ("d", """
            CASE i * 7919 % 1009 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 'inf'::DOUBLE WHEN 3 THEN -0.0 WHEN 4 THEN 0.0
            WHEN 5 THEN '-inf'::DOUBLE ELSE (i * 48271 % 4001 - 2000) / 100 END::DOUBLE
            """),
        ("p", "((i * 104729) % 65537)::DOUBLE"),
        ("b", "CASE WHEN i % 911 <> 7 THEN i * 48271 % 977 - 400 END"),
        ("w", "CASE i WHEN 77 THEN 9223372036854775807 WHEN 120001 THEN -9223372036854775808 ELSE i * 7 % 13 END"),
        ("n", "(i * 31 % 997 - 500)::INTEGER"), ("y", "(i * 7 % 250)::UTINYINT"), ("z", "(i * 7 % 250 - 125)::TINYINT"),
        ("h", "(i * 31 % 997 - 500)::HUGEINT"), ("f", "i % 2 = 0"), ("t", "DATE '2020-01-01' + (i * 13 % 3001)::INTEGER"),
        ("s", "CASE WHEN i % 801 <> 0 THEN 'prefixes' || CAST(i * 48271 % 501 AS VARCHAR) END"), ("c", "'same'"),
        ("u", "i"),
    ]

    @Test("LIMIT gives the first rows of the whole order, for every type, direction and place of NULLs, on any number of threads")
    func agreesWithSorting() throws {
        let session = Session(try Database())
        let list = Self.keys.map { "\($0.1) AS \($0.0)" }.joined(separator: ", ")
        for size in [0, 1, 2049, 124_000] {
            try session.execute("CREATE OR REPLACE TABLE t AS SELECT \(list), i FROM range(\(size)) AS r(i)")
            for (key, _) in Self.keys {
                for direction in ["ASC", "DESC"] {
                    for nulls in ["FIRST", "LAST"] {
                        for rest in ["", ", 5 - b"] {
                            let order = "\(key) \(direction) NULLS \(nulls)\(rest)"
                            try check(session, "SELECT i FROM t ORDER BY \(order)", size: size, isLong: rest.isEmpty)
                        }
                    }
                }
            }
            try check(session, "SELECT i FROM t WHERE b % 3 = 1 AND p < 40000 AND n > -300 ORDER BY d DESC", size: size, isLong: true)
            try check(session, "SELECT i FROM (SELECT i, p AS q FROM t WHERE n > 0) WHERE q > 5 ORDER BY q", size: size, isLong: true)
            try check(session, "SELECT i FROM t ORDER BY p % 17, d", size: size, isLong: false)
        }
    }

    /// Against the rows that a sort of all gives.
    private func check(_ session: Session, _ query: String, size: Int, isLong: Bool) throws {
        try session.execute("SET threads = 2")
        let sorted = try cells(session.execute(query))
        for (limit, offset) in isLong ? [(10, 0), (2500, 100)] : [(10, 0)] {
            let expected = Array(sorted.dropFirst(offset).prefix(limit))
            for threads in isLong ? [1, 3] : [2] {
                try session.execute("SET threads = \(threads)")
                let found = try cells(session.execute("\(query) LIMIT \(limit) OFFSET \(offset)"))
                #expect(found == expected, "\(query) LIMIT \(limit) OFFSET \(offset), \(size) rows, \(threads) threads")
            }
        }
    }

    private func cells(_ result: QueryResult) -> [QueryResult.Cell] { (0..<result.rowCount).map { result.cell(row: $0, column: 0) } }

    @Test("A key that fails for a row fails although the row is not among the first")
    func failures() throws {
        let session = Session(try Database())
        try session.execute("CREATE TABLE t AS SELECT i, CASE WHEN i = 150000 THEN 'x' ELSE '1' END AS s FROM range(300000) AS r(i)")
        for query in ["SELECT i FROM t ORDER BY i, s::INTEGER LIMIT 3", "SELECT i FROM (SELECT i, s::INTEGER AS n FROM t) ORDER BY i DESC, n LIMIT 3"] {
            #expect(throws: (any Error).self) { try session.execute(query) }
        }
    }
}
