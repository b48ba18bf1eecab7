import Testing
import ZLQuery

@Suite("Exponential averages of many partitions")
struct ExponentialAverageTests {
    @Test("Each partition gives the bits of the plain recursion, whatever lies beside it, on any number of threads")
    func bits() throws {
        let session = Session(try Database())
        let lengths = [1, 2, 11, 12, 13, 40_000, 14, 5000, 30_001, 26, 0, 1200, 7]
        for count in [0, 1, 2, 3, 4, 5, 9, 13] {
            let parts = lengths.prefix(count).enumerated().map { "SELECT \($0.offset) AS g, i FROM range(\($0.element)) AS r(i)" }
            let rows = parts.isEmpty ? "SELECT 0 AS g, i FROM range(0) AS r(i)" : parts.joined(separator: " UNION ALL ")
            try session.execute("CREATE OR REPLACE TABLE t AS SELECT g, i, (i * 7919 % 1009 - 300 + g) / 100 AS x FROM (\(rows))")
            for (function, n, factor) in [("ema", 12, 2.0 / 13), ("rma", 5, 1.0 / 5)] {
                var expected: [Double?] = []
                for (g, length) in lengths.prefix(count).enumerated() {
                    let x = (0..<length).map { Double($0 * 7919 % 1009 - 300 + g) / 100 }
                    var value = 0.0
                    for row in 0..<length {
                        if row < n { value += x[row] } else { value += factor * (x[row] - value) }
                        if row == n - 1 { value /= Double(n) }
                        expected.append(row < n - 1 ? nil : value)
                    }
                }
                for threads in [1, 2, 3] {
                    try session.execute("SET threads = \(threads)")
                    let result = try session.execute("SELECT \(function)(x, \(n)) OVER (PARTITION BY g ORDER BY i) FROM t ORDER BY g, i")
                    let found = (0..<result.rowCount).map { row -> Double? in
                        if case .double(let value) = result.cell(row: row, column: 0) { value } else { nil }
                    }
                    #expect(found == expected, "\(function), \(count) partitions, \(threads) threads")
                }
            }
        }
    }
}
