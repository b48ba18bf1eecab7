import Foundation
import Testing
import ZLQuery

/// Runs the records of one file against a session and records an issue, with file and line, for each that does not hold.
struct SQLTestRunner {
    private let file: SQLTestFile
    private let folder: String
    private var session: Session
    private let databasePath: String?
    private var tolerance = 1e-12

    init(_ file: SQLTestFile, records: [SQLTestFile.Record]) throws {
        self.file = file
        folder = NSTemporaryDirectory() + "zlsql-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let restarts = records.contains { if case .restart = $0.content { true } else { false } }
        databasePath = restarts ? folder + "/test.db" : nil
        session = Session(try Database(path: databasePath))
    }

    mutating func run(_ records: [SQLTestFile.Record]) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for record in records { try run(record) }
    }

    private mutating func run(_ record: SQLTestFile.Record) throws {
        switch record.content {
        case .statement(let sql, let message, let succeeds):
            do {
                try session.execute(filled(sql))
                if !succeeds { fail(record, "succeeded, but an error was wanted") }
            } catch {
                if succeeds {
                    fail(record, "failed: \(error.description)")
                } else if let message, !error.description.contains(message) {
                    fail(record, "wrong error: wanted \"\(message)\", got \"\(error.description)\"")
                }
            }
        case .query(let sql, let types, let sort, let expected):
            do {
                let result = try session.execute(filled(sql))
                if let difference = compare(result, types, sort, expected) { fail(record, difference) }
            } catch {
                fail(record, "failed: \(error.description)")
            }
        case .tolerance(let value):
            tolerance = value
        case .restart:
            try session.close()
            session = Session(try Database(path: databasePath))
        case .unknown(let head):
            fail(record, "this is no record: \(head)")
        }
    }

    private func filled(_ sql: String) -> String { sql.replacingOccurrences(of: "{TEMP}", with: folder) }

    private func fail(_ record: SQLTestFile.Record, _ why: String) {
        Issue.record(
            Comment(rawValue: "\(file.name):\(record.line): \(why)"),
            sourceLocation: SourceLocation(
                fileID: "Tests/SQL/\(file.name)", filePath: file.path, line: record.line, column: 1))
    }

    // MARK: Values

    private func compare(_ result: QueryResult, _ types: String, _ sort: String, _ expected: [String]) -> String? {
        guard result.columns.count == types.count else {
            return "\(result.columns.count) columns, wanted \(types.count)"
        }
        let letters = Array(types)
        var rows = (0..<result.rowCount).map { row in
            letters.indices.map { SQLTestRunner.shown(result.text(row: row, column: $0), letters[$0]) }
        }
        if sort == "rowsort" { rows.sort { $0.lexicographicallyPrecedes($1) } }
        var values = rows.flatMap { $0 }
        if sort == "valuesort" { values.sort() }
        guard values.count == expected.count else {
            return "\(values.count) values (\(values.prefix(12).joined(separator: " | "))), wanted \(expected.count)"
        }
        for (place, (value, wanted)) in zip(values, expected).enumerated() {
            let letter = letters[place % letters.count]
            guard equal(value, wanted, letter) else {
                return "row \(place / letters.count + 1), column \(place % letters.count + 1): [\(value)], wanted [\(wanted)]"
            }
        }
        return nil
    }

    private static func shown(_ text: String?, _ letter: Character) -> String {
        guard let text else { return "NULL" }
        if letter == "I", text == "true" || text == "false" { return text == "true" ? "1" : "0" }
        return text.isEmpty ? "(empty)" : text.replacingOccurrences(of: "\n", with: "\\n")
    }

    private func equal(_ value: String, _ wanted: String, _ letter: Character) -> Bool {
        if value == wanted { return true }
        guard letter == "R", let number = Double(value), let expected = Double(wanted) else { return false }
        if number.isNaN && expected.isNaN { return true }
        return abs(number - expected) <= tolerance * max(abs(expected), abs(number))
    }
}

@Suite("SQL tests")
struct SQLTests {
    @Test("The records of a file hold", arguments: SQLTestFile.all)
    func file(_ file: SQLTestFile) throws {
        let records = try file.records()
        #expect(!records.isEmpty, "\(file.name) has no records")
        var runner = try SQLTestRunner(file, records: records)
        try runner.run(records)
    }

    @Test("There are SQL tests to run")
    func some() { #expect(!SQLTestFile.all.isEmpty) }
}
