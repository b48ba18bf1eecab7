import Foundation
import Testing

/// A file of Tests/SQL, taken apart into records.
///
/// The form is sqllogictest's: records are separated by blank lines, lines that begin with `#` are comments.
///
///     statement ok             the SQL on the following lines runs
///     statement error          it fails; behind `----` a part of the message may stand
///     query TYPES [SORT]       its values are those behind `----`: TYPES has a letter a column (I whole number, R number, T text),
///                              SORT is nosort, rowsort or valuesort; one value a line, or a row a line with tabs between
///     tolerance X              R values may differ by X times their size (1e-12 unless told)
///     restart                  the database is closed and opened again from its file
///
/// NULL is written NULL and an empty text (empty). `{TEMP}` in SQL stands for a folder of the file's own.
struct SQLTestFile: Sendable, CustomTestStringConvertible {
    enum Content: Sendable {
        case statement(sql: String, error: String?, succeeds: Bool)
        case query(sql: String, types: String, sort: String, expected: [String])
        case tolerance(Double)
        case restart
        /// A line that is no record.
        case unknown(String)
    }

    struct Record: Sendable {
        var line: Int
        var content: Content
    }

    let path: String
    let name: String

    var testDescription: String { name }

    /// Every `.test` file under Tests/SQL, by name.
    static let all: [SQLTestFile] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("SQL").path
        let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return found.filter { $0.hasSuffix(".test") }.sorted().map { SQLTestFile(path: folder + "/" + $0, name: $0) }
    }()

    func records() throws -> [Record] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
        var records: [Record] = []
        var index = 0
        while index < lines.count {
            if lines[index].isEmpty || lines[index].hasPrefix("#") {
                index += 1
                continue
            }
            let start = index
            let head = lines[index].split(separator: " ").map(String.init)
            index += 1
            var body: [String] = []
            while index < lines.count, !lines[index].isEmpty {
                if !lines[index].hasPrefix("#") { body.append(lines[index]) }
                index += 1
            }
            records.append(Record(line: start + 1, content: SQLTestFile.content(head, body)))
        }
        return records
    }

    private static func content(_ head: [String], _ body: [String]) -> Content {
        let divider = body.firstIndex(of: "----")
        let sql = body[..<(divider ?? body.count)].joined(separator: "\n")
        let rest = divider.map { Array(body[($0 + 1)...]) } ?? []
        switch (head[0], head.dropFirst().first) {
        case ("statement", "ok") where divider == nil: return .statement(sql: sql, error: nil, succeeds: true)
        case ("statement", "error"):
            return .statement(sql: sql, error: rest.isEmpty ? nil : rest.joined(separator: "\n"), succeeds: false)
        case ("query", let types?) where divider != nil && types.allSatisfy("IRT".contains):
            let values = rest.flatMap { $0.components(separatedBy: "\t") }
            return .query(sql: sql, types: types, sort: head.count > 2 ? head[2] : "nosort", expected: values)
        case ("tolerance", let text?): return Double(text).map { .tolerance($0) } ?? .unknown(head.joined(separator: " "))
        case ("restart", nil) where body.isEmpty: return .restart
        default: return .unknown(head.joined(separator: " "))
        }
    }
}
