import Testing
import ZLQuery

@Suite("Columns of known rows")
struct PlacedColumnsTests {
    /// A column of table t as an expression of i.
    private static let columns: [(name: String, expression: String)] = [
        ("a", "CASE WHEN i % 7 <> 0 THEN (i * 31 % 977)::INTEGER END"),
        ("b", "CASE WHEN i // 2048 % 3 = 1 OR i = 122879 OR i = 122880 THEN NULL ELSE i * 1e-3 END"),
        ("c", "CASE WHEN i % 5 <> 2 THEN i % 3 = 0 END"),
        ("d", "CASE WHEN i > 60000 THEN 's' || CAST(i % 1000 AS VARCHAR) END"),
        ("e", "'t' || CAST(i AS VARCHAR)"),
        ("f", "CASE WHEN i < 0 THEN i END"),
        ("g", "DATE '2020-01-01' + (i % 3000)::INTEGER"),
        ("h", "(i * 1000003)::HUGEINT * 1000000007"),
        ("j", "7"),
    ]

    @Test("The right side of an ASOF join holds every value where it belongs: of every layout, with NULLs, over row groups, on any number of threads",
        arguments: [49_999, 50_001, 122_880, 125_000])
    func values(_ count: Int) throws {
        let session = Session(try Database())
        let list = PlacedColumnsTests.columns.map { "\($0.expression) AS \($0.name)" }.joined(separator: ", ")
        try session.execute("CREATE TABLE t AS SELECT i, \(list) FROM range(\(count)) AS r(i)")
        let wrong = PlacedColumnsTests.columns.map { "count(CASE WHEN \($0.name) IS DISTINCT FROM (\($0.expression)) THEN 1 END)" }
        for threads in [1, 2] {
            try session.execute("SET threads = \(threads)")
            let result = try session.execute("""
                SELECT count(*), \(wrong.joined(separator: ", ")) FROM (
                    SELECT l.i AS i, a, b, c, d, e, f, g, h, j FROM (SELECT i FROM t) l ASOF JOIN t r ON l.i >= r.i)
                """)
            #expect(result.cell(row: 0, column: 0) == .integer(Int128(count)))
            for (place, column) in PlacedColumnsTests.columns.enumerated() {
                #expect(result.cell(row: 0, column: place + 1) == .integer(0), "\(column.name), \(count) rows, \(threads) threads")
            }
        }
    }
}
