import Foundation
import Testing
import ZLColumnar

@testable import ZLQuery

/// Statements written by others: TPC-H, ClickBench, SQLite's logic tests, found through ZLSQL_SHARED (default ../shared).
@Suite("Statements of others")
struct SharedCorpusParsingTests {
    static let shared: URL = {
        if let path = ProcessInfo.processInfo.environment["ZLSQL_SHARED"] { return URL(fileURLWithPath: path) }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent("shared")
    }()

    private func files(under folder: String, ending: String) -> [URL] {
        let root = Self.shared.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil) else { return [] }
        var found: [URL] = []
        for case let url as URL in walker where url.pathExtension == ending { found.append(url) }
        return found.sorted { $0.path < $1.path }
    }

    private func skip(_ what: String) { print("skipped: no \(what) under \(Self.shared.path) (ZLSQL_SHARED)") }

    @Test("TPC-H and ClickBench", arguments: ["tpch", "clickbench"])
    func benchmarks(_ folder: String) throws {
        let scripts = files(under: folder, ending: "sql")
        guard !scripts.isEmpty else { return skip(folder) }
        var count = 0
        for script in scripts {
            do {
                count += try Parser.parseScript([UInt8](Data(contentsOf: script))).count
            } catch let error as ZLError {
                Issue.record("\(script.lastPathComponent): \(error)")
            }
        }
        #expect(count >= (folder == "tpch" ? 22 : 43))
    }

    @Test("Every fiftieth record of SQLite's logic tests")
    func logicTests() throws {
        let scripts = files(under: "slt/corpus", ending: "test")
        guard !scripts.isEmpty else { return skip("slt/corpus") }
        var read = 0
        for script in scripts {
            let lines = try Data(contentsOf: script).filter { $0 != UInt8(ascii: "\r") }
                .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let records = lines.split { $0.isEmpty }
            for (number, record) in records.enumerated() where number % 50 == 0 || records.count < 200 {
                guard let sql = Self.statement(of: record.map { String(decoding: $0, as: UTF8.self) }) else { continue }
                do {
                    _ = try Parser.parseScript(sql)
                    read += 1
                } catch {
                    Issue.record("\(script.lastPathComponent) record \(number): \(error)\n\(sql)")
                }
            }
        }
        #expect(read > 1_000)
    }

    /// The SQL of a record that every engine must read; nil for the others and for comments.
    private static func statement(of record: [String]) -> String? {
        let lines = record.filter { !$0.hasPrefix("#") && !$0.hasPrefix("skipif") }
        guard let head = lines.first, head.hasPrefix("query") || head == "statement ok" else { return nil }
        let sql = lines.dropFirst().prefix { !$0.hasPrefix("----") }.joined(separator: "\n")
        // NOT INDEXED, REINDEX, triggers and REPLACE INTO are SQLite's own.
        let foreign = ["NOT INDEXED", "REINDEX", "TRIGGER", "REPLACE INTO"]
        return foreign.contains { sql.contains($0) } ? nil : sql
    }
}
