import Foundation
import Synchronization
import Testing
import ZLQuery

@Suite("Sessions")
struct SessionTests {
    private func session() throws -> Session { Session(try Database()) }

    @Test("A result has names, types, texts and cells")
    func result() throws {
        let result = try session().execute(
            "SELECT 1 AS i, 2.50 AS d, CAST(0.5 AS DOUBLE) AS f, 'x' AS s, TRUE AS b, NULL AS n, DATE '2024-02-29' AS day")
        #expect(result.columns.map(\.name) == ["i", "d", "f", "s", "b", "n", "day"])
        #expect(result.columns.map(\.typeName)[..<5] == ["INTEGER", "DECIMAL(3,2)", "DOUBLE", "VARCHAR", "BOOLEAN"])
        #expect(result.columns.map(\.isNumeric) == [true, true, true, false, false, false, false])
        #expect((0..<7).map { result.text(row: 0, column: $0) } == ["1", "2.50", "0.5", "x", "true", nil, "2024-02-29"])
        let cells: [QueryResult.Cell] = [.integer(1), .text("2.50"), .double(0.5), .text("x"), .boolean(true), .null, .text("2024-02-29")]
        #expect((0..<7).map { result.cell(row: 0, column: $0) } == cells)
        #expect(result.rowCount == 1 && result.changedRowCount == nil)
    }

    @Test("Rows of several chunks are found by number", arguments: [0, 1, 2047, 2048, 5000, 9999])
    func chunks(row: Int) throws {
        let result = try session().execute("SELECT range AS i FROM range(10000)")
        #expect(result.rowCount == 10_000)
        #expect(result.cell(row: row, column: 0) == .integer(Int128(row)))
    }

    @Test("A grouping with as many groups as rows reads each row once", arguments: [1, 2])
    func groupingReadsOnce(threads: Int) throws {
        let session = try session()
        try session.execute("SET threads = \(threads)")
        try session.execute("CREATE TABLE t AS SELECT i * 7 % 300000 AS i FROM range(300000) x(i)")
        let plan = try session.execute("EXPLAIN ANALYZE SELECT i, count(*) FROM t GROUP BY i")
        let lines = (0..<plan.rowCount).compactMap { plan.text(row: $0, column: 0) }
        #expect(lines.contains { $0.contains("TableRead main.t") && $0.contains("[300000 rows") }, "\(lines)")
    }

    @Test("EXPLAIN ANALYZE gives each operator's rows, EXPLAIN none")
    func explainAnalyze() throws {
        let session = try session()
        try session.execute("CREATE TABLE t AS SELECT range AS i FROM range(5000)")
        func lines(_ text: String) throws -> [String] {
            let result = try session.execute(text)
            return (0..<result.rowCount).compactMap { result.text(row: $0, column: 0) }
        }
        let query = "SELECT i % 3, count(*) FROM t WHERE i >= 4000 GROUP BY 1"
        let measured = try lines("EXPLAIN ANALYZE " + query)
        #expect(measured.first { $0.contains("TableRead") }?.contains("[1000 rows, ") == true)
        #expect(measured.first { $0.contains("HashAggregate") }?.contains("[3 rows, ") == true)
        #expect(measured.last?.hasPrefix("3 rows in ") == true)
        #expect(try lines("EXPLAIN " + query).allSatisfy { !$0.contains(" rows, ") })
    }

    @Test("Of several statements the last one's result is given; changes are counted")
    func several() throws {
        let session = try session()
        #expect(try session.execute("SELECT 1; SELECT 2 AS two").columns.map(\.name) == ["two"])
        #expect(try session.execute("").columns.isEmpty)
        let inserted = try session.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3)")
        #expect(inserted.changedRowCount == 3)
        #expect(try session.execute("UPDATE t SET a = 0 WHERE a > 1").changedRowCount == 2)
        #expect(try session.execute("DELETE FROM t WHERE a = 0").changedRowCount == 2)
    }

    @Test("A result stays as it is when its table changes")
    func snapshot() throws {
        let session = try session()
        let before = try session.execute("CREATE TABLE t AS SELECT 1 AS a; SELECT a FROM t")
        try session.execute("UPDATE t SET a = 2")
        #expect(before.text(row: 0, column: 0) == "1")
    }

    @Test("Sessions of one database see what others committed, and not what they did not")
    func isolation() throws {
        let database = try Database()
        let writer = Session(database)
        let reader = Session(database)
        try writer.execute("CREATE TABLE t (a INTEGER)")
        try writer.execute("BEGIN; INSERT INTO t VALUES (1)")
        #expect(try reader.execute("SELECT a FROM t").rowCount == 0)
        try writer.execute("COMMIT")
        #expect(try reader.execute("SELECT a FROM t").rowCount == 1)
    }

    @Test("A read-only database answers and refuses changes")
    func readOnly() throws {
        let session = Session(try Database(path: nil, readOnly: true))
        #expect(try session.execute("SELECT 1 AS a").rowCount == 1)
        #expect(throws: ZLError.self) { try session.execute("CREATE TABLE t (a INTEGER)") }
        #expect(try session.execute("SHOW TABLES").rowCount == 0)
    }

    @Test("An interrupted statement stops, and the next one runs")
    func interrupt() throws {
        let session = try session()
        let interrupter = session.interrupter
        let thread = Thread {
            Thread.sleep(forTimeInterval: 0.2)
            interrupter.interrupt()
        }
        thread.start()
        let start = ContinuousClock.now
        #expect(throws: ZLError.interrupted) {
            try session.execute(
                "SELECT a.range FROM range(1000000) AS a, range(1000000) AS b WHERE a.range < b.range - 1000000")
        }
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try session.execute("SELECT 1 AS a").rowCount == 1)
    }

    @Test("Training tells its rounds on the log")
    func log() throws {
        let lines = Mutex<[String]>([])
        let session = Session(try Database(), log: { line in lines.withLock { $0.append(line) } })
        try session.execute(
            """
            CREATE TABLE t AS SELECT range AS i, range % 7 AS x, range % 5 AS y FROM range(100);
            TRAIN BOOSTED m ON t TARGET y FEATURES (x) ORDER BY i VALIDATE HOLDOUT (0.2, PURGE 1, INNER NONE)
            WITH (num_iterations = 4, early_stopping_round = 10, metric_freq = 2, metric = 'l2')
            """)
        let told = lines.withLock { $0 }
        #expect(told.contains { $0.hasPrefix("[m] fold 1 of 1, round 2: valid l2 ") })
        #expect(told.contains { $0.contains("INNER NONE") && $0.contains("optimistic") })
    }

    @Test("Streamed CSV equals the result's", arguments: [ResultFormat.csv, .json, .jsonLines])
    func stream(format: ResultFormat) throws {
        let session = try session()
        let query = "SELECT range AS i, 'a \"b\", ' || CAST(range AS VARCHAR) AS s FROM range(3000)"
        let texts = try [true, false].map { streamed in
            let path = NSTemporaryDirectory() + UUID().uuidString
            let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
            defer {
                close(descriptor)
                unlink(path)
            }
            let output = DescriptorOutput(descriptor: descriptor, name: path)
            if streamed {
                try session.stream(query, as: format, to: output)
            } else {
                try session.execute(query).write(to: output, as: format)
            }
            try output.flush()
            return try String(contentsOfFile: path, encoding: .utf8)
        }
        #expect(texts[0] == texts[1])
        let lines = texts[0].split(separator: "\n")
        switch format {
        case .csv: #expect(lines[0] == "i,s" && lines[1] == "0,\"a \"\"b\"\", 0\"" && lines.count == 3001)
        case .jsonLines: #expect(lines[0] == #"{"i":0,"s":"a \"b\", 0"}"# && lines.count == 3000)
        case .json: #expect(lines.count == 1 && lines[0].hasSuffix(#"[2999,"a \"b\", 2999"]]}"#))
        }
    }

    @Test("A table's definition reads back as it was written")
    func definitions() throws {
        let statements = [
            "CREATE SCHEMA \"two words\"",
            "CREATE TABLE main.t (a INTEGER NOT NULL, \"Select\" DECIMAL(18,4) DEFAULT (1.5), PRIMARY KEY (a), UNIQUE (\"Select\", a), CHECK ((a > 0))) ORDER BY (a DESC)",
            "CREATE TABLE \"two words\".u (b TIMESTAMP WITH TIME ZONE, c VARCHAR DEFAULT ('it''s'))",
            "CREATE VIEW main.v AS SELECT a FROM t",
        ]
        let first = try session()
        for statement in statements { try first.execute(statement) }
        #expect(first.definitions() == statements)
        let second = try session()
        for statement in first.definitions() { try second.execute(statement) }
        #expect(second.definitions() == statements)
        #expect(first.definitions(of: "T") == [statements[1]])
    }
}

@Suite("Error reports")
struct ErrorReportTests {
    private func report(_ source: String, _ range: Range<Int>?, hint: String? = nil, named: String? = "f.sql", offset: Int = 0) -> String {
        ZLError(.binding, "code", "message", hint: hint, range: range).report(in: Array(source.utf8), named: named, offset: offset)
    }

    @Test("A report has file, line, column, source, caret and hint")
    func whole() {
        #expect(
            report("SELECT 1;\nSELECT foo\nFROM t", 17..<20, hint: "bar")
                == "f.sql:2:8: binding error: message\n  SELECT foo\n         ^^^\nhint: bar")
    }

    @Test("Ranges count from the statement's place in the script")
    func offset() {
        #expect(report("SELECT 1;\nSELECT foo", 7..<10, offset: 10) == "f.sql:2:8: binding error: message\n  SELECT foo\n         ^^^")
    }

    @Test("Without a range there is the statement's line only")
    func noRange() {
        #expect(report("\n\nSELECT", nil, offset: 2) == "f.sql:3: binding error: message")
        #expect(report("SELECT", nil, named: nil) == "binding error: message")
    }

    @Test("Columns count characters, tabs stand as blanks, and a range over lines marks the first")
    func characters() {
        #expect(report("SELECT 'ü'\t, x\ny", 13..<16, named: nil) == "binding error: message\n  SELECT 'ü' , x\n              ^^")
        #expect(report("ä x", 3..<4) == "f.sql:1:3: binding error: message\n  ä x\n    ^")
    }

    @Test("A range at the end or outside of the text does no harm", arguments: [3..<3, 3..<9, 50..<60, 0..<0])
    func outside(range: Range<Int>) {
        #expect(report("abc", range).contains("^"))
    }

    @Test("A very long line is cut around the mark")
    func long() {
        let source = String(repeating: "x", count: 5000) + "HERE" + String(repeating: "y", count: 5000)
        let lines = report(source, 5000..<5004).split(separator: "\n")
        #expect(lines[1].count < 200 && lines[1].contains("HERE"))
        #expect(lines[2].filter { $0 == "^" }.count == 4)
    }
}
