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

    @Test("Long partitions, gone over from guesses, give the bits of the plain recursion: over gaps, NaN, infinities and values that do not move")
    func guesses() throws {
        let session = Session(try Database())
        // why: partitions with borders on and off those of parts and morsels, one of them longer than a morsel
        try session.execute("""
            CREATE TABLE t AS SELECT i, CASE WHEN i < 7 THEN 0 WHEN i < 2048 THEN 1 WHEN i < 2051 THEN 2 WHEN i < 130000 THEN 3
                WHEN i < 131056 THEN 4 ELSE 5 + i // 17000 END AS g,
                (i * 7919 % 1009 + 5000) / 100 AS a,
                CASE WHEN i % 50000 < 30000 THEN 12.5 ELSE (i * 7919 % 1009) / 100 END AS b,
                CASE WHEN i % 7 = 3 OR i // 3000 % 2 = 1 THEN NULL ELSE (i * 7919 % 1009 - 500) * 1e-3 END AS c,
                CASE WHEN i = 60000 THEN CAST('nan' AS DOUBLE) WHEN i = 140000 THEN CAST('inf' AS DOUBLE) ELSE (i * 7919 % 1009) / 10 END AS d
            FROM range(160000) AS r(i)
            """)
        let inputs = try session.execute("SELECT g, a, b, c, d FROM t ORDER BY i")
        func number(_ result: QueryResult, _ row: Int, _ column: Int) -> Double? {
            if case .double(let value) = result.cell(row: row, column: column) { value } else { nil }
        }
        for (column, name) in ["a", "b", "c", "d"].enumerated() {
            for (function, n, factor) in [("ema", 12, 2.0 / 13), ("ema", 1, 1.0), ("ema", 200, 2.0 / 201), ("rma", 30, 1.0 / 30), ("ema", 900, 2.0 / 901)] {
                var expected: [UInt64?] = []
                var (value, count) = (0.0, 0)
                for row in 0..<inputs.rowCount {
                    if row > 0, inputs.cell(row: row, column: 0) != inputs.cell(row: row - 1, column: 0) { (value, count) = (0, 0) }
                    guard let x = number(inputs, row, column + 1) else {
                        expected.append(nil)
                        continue
                    }
                    if count < n { value += x } else { value += factor * (x - value) }
                    count += 1
                    if count == n { value /= Double(n) }
                    expected.append(count < n || value.isNaN ? nil : value.bitPattern)
                }
                for threads in [1, 2] {
                    try session.execute("SET threads = \(threads)")
                    let result = try session.execute("SELECT \(function)(\(name), \(n)) OVER (PARTITION BY g ORDER BY i) FROM t")
                    let found = (0..<result.rowCount).map { number(result, $0, 0)?.bitPattern }
                    let wrong = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }
                    #expect(found.count == expected.count && wrong == nil, "\(function)(\(name), \(n)), \(threads) threads, row \(wrong?.offset ?? -1)")
                }
            }
        }
    }

    @Test("A partition over several row groups whose values stay where they are, so that no guess meets the state, gives the bits of the plain recursion")
    func wrongGuesses() throws {
        let session = Session(try Database())
        try session.execute("""
            CREATE TABLE t AS SELECT i, CASE WHEN i % 110000 < 1000 THEN 12 + (i * 7919 % 1009) / 1000 ELSE 12.5 END AS x FROM range(250000) AS r(i)
            """)
        func number(_ result: QueryResult, _ row: Int, _ column: Int) -> Double {
            if case .double(let value) = result.cell(row: row, column: column) { value } else { .nan }
        }
        let inputs = try session.execute("SELECT x FROM t ORDER BY i")
        var expected: [[Double]] = [[], []]
        for (place, n) in [200, 12].enumerated() {
            var value = 0.0
            for row in 0..<inputs.rowCount {
                let x = number(inputs, row, 0)
                if row < n { value += x } else { value += 2 / Double(n + 1) * (x - value) }
                if row == n - 1 { value /= Double(n) }
                if row >= n - 1 { expected[place].append(value) }
            }
        }
        #expect(expected[0][120_000] != 12.5)
        for threads in [1, 2] {
            try session.execute("SET threads = \(threads)")
            let result = try session.execute("SELECT ema(x, 200) OVER (ORDER BY i) AS a, ema(x, 12) OVER (ORDER BY i) AS b FROM t")
            for (place, n) in [200, 12].enumerated() {
                let found = (n - 1..<result.rowCount).map { number(result, $0, place) }
                #expect(found == expected[place], "ema of \(n), \(threads) threads")
            }
        }
    }
}
