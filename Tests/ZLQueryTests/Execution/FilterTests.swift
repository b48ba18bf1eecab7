import Testing
import ZLQuery

@Suite("Filters")
struct FilterTests {
    @Test("A comparison with a constant keeps the rows for which it is true as a value, for every type, operator and size")
    func comparisons() throws {
        let session = Session(try Database())
        let columns: [(name: String, expression: String, constants: [String])] = [
            ("d", "CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 'inf'::DOUBLE WHEN 3 THEN -0.0 ELSE i % 5 END::DOUBLE",
             ["0.0::DOUBLE", "3.0::DOUBLE", "'inf'::DOUBLE", "'nan'::DOUBLE"]),
            ("b", "CASE WHEN i % 9 <> 0 THEN i % 11 - 5 END::BIGINT", ["0::BIGINT", "-5::BIGINT", "100::BIGINT"]),
            ("n", "(i % 13)::INTEGER", ["6::INTEGER", "-1::INTEGER"]),
            ("t", "DATE '2020-01-01' + (i % 10)::INTEGER", ["DATE '2020-01-05'"]),
            ("s", "CASE WHEN i % 8 <> 0 THEN 's' || CAST(i % 6 AS VARCHAR) END", ["'s3'", "'none'"]),
        ]
        for size in [0, 1, 63, 64, 65, 2048, 2111, 130_000] {
            let list = columns.map { "\($0.expression) AS \($0.name)" }.joined(separator: ", ")
            try session.execute("CREATE OR REPLACE TABLE t AS SELECT i, \(list) FROM range(\(size)) AS r(i)")
            for column in columns {
                for constant in column.constants {
                    for comparison in ["=", "<>", "<", "<=", ">", ">="] {
                        for condition in ["\(column.name) \(comparison) \(constant)", "\(constant) \(comparison) \(column.name)"] {
                            let filtered = try session.execute("SELECT count(*), sum(i) FROM t WHERE \(condition)")
                            let counted = try session.execute(
                                "SELECT count(CASE WHEN \(condition) THEN 1 END), sum(CASE WHEN \(condition) THEN i END) FROM t")
                            for place in 0..<2 {
                                #expect(
                                    filtered.cell(row: 0, column: place) == counted.cell(row: 0, column: place), "\(condition), \(size) rows")
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("A test for finite numbers keeps the rows for which it is true as a value, for every size")
    func finite() throws {
        let session = Session(try Database())
        for size in [0, 1, 63, 64, 65, 2048, 2111] {
            try session.execute("""
                CREATE OR REPLACE TABLE t AS SELECT i, CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 'inf'::DOUBLE
                    WHEN 3 THEN '-inf'::DOUBLE WHEN 4 THEN 1.7976931348623157e308 WHEN 5 THEN -1.7976931348623157e308 ELSE i END AS d FROM range(\(size)) AS r(i)
                """)
            let filtered = try session.execute("SELECT count(*), sum(i) FROM t WHERE isfinite(d) AND i <> 11")
            let counted = try session.execute(
                "SELECT count(CASE WHEN isfinite(d) AND i <> 11 THEN 1 END), sum(CASE WHEN isfinite(d) AND i <> 11 THEN i END) FROM t")
            for place in 0..<2 { #expect(filtered.cell(row: 0, column: place) == counted.cell(row: 0, column: place), "\(size) rows") }
            #expect(filtered.cell(row: 0, column: 0) == .integer(Int128((0..<size).count { $0 % 7 > 3 && $0 != 11 })))
        }
    }

    @Test("Ranges of an ascending column give their rows, wherever zones, chunks and row groups end", arguments: [1, 2])
    func ranges(threads: Int) throws {
        let session = Session(try Database())
        try session.execute("SET threads = \(threads); CREATE TABLE t AS SELECT i, i % 3 AS v FROM range(250000) AS r(i)")
        for border in [2048, 4096, 6144, 122_880, 124_928, 249_856] {
            for (low, high) in [(border - 1, border), (border, border + 1), (border - 2048, border), (border - 1, border + 2049), (border, border + 1 << 20)] {
                let rows = low..<min(high, 250_000)
                let result = try session.execute("SELECT count(*), min(i), max(i), sum(v) FROM t WHERE i >= \(low) AND i < \(high)")
                let expected = [rows.count, rows.lowerBound, rows.upperBound - 1, rows.reduce(0) { $0 + $1 % 3 }]
                let found = (0..<4).map { result.cell(row: 0, column: $0) }
                #expect(found == expected.map { .integer(Int128($0)) }, "\(low) to \(high)")
            }
        }
    }

    @Test("Columns that only filters read may be read again above")
    func columnsOfFilters() throws {
        let session = Session(try Database())
        try session.execute("CREATE TABLE t AS SELECT i, i % 3 AS k, i * 2 AS v FROM range(5000) AS r(i)")
        let result = try session.execute("SELECT sum(v), sum(k) FROM (SELECT k, v FROM t WHERE i < 100 AND k = 2) WHERE v > 10")
        // why: i in 8, 11, ..., 98 leave 31 rows; v = 2 i sums to 2 * 31 * 53
        #expect(result.cell(row: 0, column: 0) == .integer(3286))
        #expect(result.cell(row: 0, column: 1) == .integer(62))
    }
}

@Suite("Order that is there")
struct OrderedInputTests {
    @Test("Texts that are equal as far as zones know, and fall where one zone follows another, are in no order")
    func equalPrefixes() throws {
        let session = Session(try Database())
        try session.execute("""
            CREATE TABLE t AS SELECT i, 'soybean oil futures ' || CASE WHEN i // 2048 % 2 = 0 THEN 'b' ELSE 'a' END AS s FROM range(8192) AS r(i)
            """)
        let groups = try session.execute("SELECT s, count(*), min(i) FROM t GROUP BY s ORDER BY s")
        #expect(groups.rowCount == 2)
        #expect((0..<2).map { groups.cell(row: $0, column: 1) } == [.integer(4096), .integer(4096)])
        #expect((0..<2).map { groups.cell(row: $0, column: 2) } == [.integer(2048), .integer(0)])
        let numbers = try session.execute("SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY s ORDER BY i) AS n FROM t)")
        #expect(numbers.cell(row: 0, column: 0) == .integer(4096))
    }

    @Test("Rows in order give what the same rows shuffled give, with and without LIMIT")
    func ordered() throws {
        let session = Session(try Database())
        try session.execute("""
            CREATE TABLE t AS SELECT 's' || CAST(100 + i // 70000 AS VARCHAR) AS s, i // 3 AS k, CASE WHEN i > 4 THEN i END AS n, i
            FROM range(200000) AS r(i)
            """)
        try session.execute("CREATE TABLE shuffled AS SELECT * FROM t ORDER BY (i * 48271) % 65537, i")
        for order in ["s, k, i", "i", "n NULLS FIRST, i", "s DESC, i", "k, i DESC"] {
            for limit in ["", " LIMIT 10", " LIMIT 1000 OFFSET 2040", " LIMIT 5 OFFSET 199998", " LIMIT 0"] {
                func rows(_ table: String) throws -> [QueryResult.Cell] {
                    let result = try session.execute("SELECT i FROM \(table) ORDER BY \(order)\(limit)")
                    return (0..<result.rowCount).map { result.cell(row: $0, column: 0) }
                }
                #expect(try rows("t") == rows("shuffled"), "\(order)\(limit)")
            }
        }
    }
}
