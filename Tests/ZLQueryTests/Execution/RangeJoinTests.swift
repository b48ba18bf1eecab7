import Testing
import ZLQuery

@Suite("Joins by inequalities")
struct RangeJoinTests {
    /// Bounds of every kind of order word, with ties, NULLs, extremes and values that share their first words.
    private static let bounds = [
        "CASE WHEN i % 11 <> 3 THEN i * 7919 % 101 - 50 END",
        "CASE i % 9 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 'inf'::DOUBLE WHEN 3 THEN -0.0 WHEN 4 THEN 0.0 ELSE (i % 13 - 6) / 4 END::DOUBLE",
        "CASE i % 5 WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775808 ELSE i % 17 END",
        "CASE WHEN i % 8 > 0 THEN 'same prefix ' || CAST(i * 31 % 23 AS VARCHAR) END",
        "DATE '1970-01-05' - (i * 13 % 37)::INTEGER",
        "(i * 31 % 97 - 48)::HUGEINT", "(i % 250)::UTINYINT", "(i * 37 % 1000)::DECIMAL(9, 2) / 4",
    ]
    private static let conditions = [
        "a.x < b.x", "b.x <= a.x", "a.x > b.y", "a.x >= b.x AND a.x < b.y", "a.x BETWEEN b.x AND b.y", "a.x < b.y AND b.x < a.y",
        "a.x <= b.x AND a.y >= b.y AND a.i % 3 <> b.i % 2", "a.i % 2 = 0 AND a.x > b.x", "a.n > b.i AND a.x < b.y",
        "b.i < a.n AND b.i + 20 > a.n",
    ]

    @Test("give the pairs that a look at every pair gives, in that order", arguments: bounds)
    func agreesWithAllPairs(bound: String) throws {
        let session = Session(try Database())
        func create(_ table: String, _ rows: Int, _ shift: Int) throws {
            try session.execute("""
                CREATE OR REPLACE TABLE \(table) AS SELECT l.x, r.x AS y, l.i, l.i::INTEGER AS n
                FROM (SELECT \(bound) AS x, i FROM (SELECT i + \(shift) AS i FROM range(\(rows)) AS s(i))) AS l
                JOIN (SELECT \(bound) AS x, i - 7 AS i FROM (SELECT i + \(shift) + 7 AS i FROM range(\(rows)) AS s(i))) AS r USING (i)
                """)
        }
        for (left, right) in [(60, 70), (5, 300), (0, 40), (40, 0), (30, 16)] {
            try create("a", left, 3)
            try create("b", right, 0)
            for condition in Self.conditions {
                for kind in ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"] {
                    func rows(_ condition: String, threads: Int) throws -> [QueryResult.Cell] {
                        try session.execute("SET threads = \(threads)")
                        return try cells(session.execute("SELECT concat(a.i, ' ', b.i) FROM a \(kind) b ON \(condition)"))
                    }
                    let expected = try rows("CASE WHEN \(condition) THEN true ELSE false END", threads: 1)
                    for threads in [1, 3] { #expect(try rows(condition, threads: threads) == expected, "\(kind) \(condition)") }
                }
            }
        }
    }

    private func cells(_ result: QueryResult) -> [QueryResult.Cell] { (0..<result.rowCount).map { result.cell(row: $0, column: 0) } }

    @Test("leave no failure of an earlier part of the condition unseen")
    func failuresStay() throws {
        let session = Session(try Database())
        try session.execute("CREATE TABLE a AS SELECT i, CASE WHEN i = 90 THEN 'x' ELSE '1' END AS t FROM range(100) AS s(i)")
        try session.execute("CREATE TABLE b AS SELECT i FROM range(50) AS s(i)")
        #expect(throws: (any Error).self) {
            try session.execute("SELECT count(*) FROM a JOIN b ON CAST(a.t AS INTEGER) + b.i > 0 AND a.i < b.i")
        }
        let passed = try cells(session.execute("SELECT count(*) FROM a JOIN b ON a.i < b.i AND CAST(a.t AS INTEGER) + b.i > 0"))
        #expect(passed == [.integer(1225)])
    }
}
