import Testing
import ZLQuery

@Suite("The first rows of each partition")
struct LeadingRowsTests {
    @Test("A bound on ROW_NUMBER gives the rows that numbering all of them gives")
    func bounds() throws {
        let session = Session(try Database())
        for size in [0, 1, 300, 80_000] {
            try session.execute("""
                CREATE OR REPLACE TABLE t AS SELECT i, CASE WHEN i % 100 <> 3 THEN i * 48271 % 977 END AS k,
                CASE i % 13 WHEN 1 THEN NULL WHEN 2 THEN 'nan'::DOUBLE ELSE (i * 7919 % 1009) / 100 END AS v FROM range(\(size)) AS r(i)
                """)
            for window in ["PARTITION BY k ORDER BY v DESC", "PARTITION BY k ORDER BY v NULLS FIRST, i DESC", "ORDER BY v, i", "PARTITION BY k % 3, k"] {
                let numbered = "SELECT i, k, v, row_number() OVER (\(window)) AS n FROM t"
                try session.execute("CREATE OR REPLACE TABLE whole AS \(numbered)")
                for condition in ["n <= 2", "n < 3", "n = 2", "n = 0", "n <= 5 AND v > 3", "n <= 3 AND n > 1", "n <= 1 OR v < 1", "n <= 100000"] {
                    let rest = "WHERE \(condition) ORDER BY k, n, i"
                    let found = try session.execute("SELECT k, v, n, i FROM (\(numbered)) \(rest)")
                    let expected = try session.execute("SELECT k, v, n, i FROM whole \(rest)")
                    #expect(found.rowCount == expected.rowCount, "\(window), \(condition), \(size) rows")
                    for row in 0..<min(found.rowCount, expected.rowCount, 3000) {
                        for column in 0..<4 {
                            let cells = (found.cell(row: row, column: column), expected.cell(row: row, column: column))
                            #expect("\(cells.0)" == "\(cells.1)", "\(window), \(condition), \(size) rows, row \(row)")
                        }
                    }
                }
            }
        }
    }
}
