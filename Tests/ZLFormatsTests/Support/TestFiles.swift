import Foundation
import Testing
import ZLColumnar
import ZLFormats

/// Fixtures and market data that live beside the project, and scratch files.
enum TestFiles {
    private static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let shared = ProcessInfo.processInfo.environment["ZLSQL_SHARED"]
        ?? packageRoot.deletingLastPathComponent().appendingPathComponent("shared").path
    static let market = ProcessInfo.processInfo.environment["ZLSQL_MARKET_DATA"] ?? shared + "/data"
    static let dbn = shared + "/formats/dbn"

    static let hasDBN = FileManager.default.fileExists(atPath: dbn)
    static let hasMarket = FileManager.default.fileExists(atPath: market + "/databento")

    /// Runs `body` with a new folder that is removed afterwards.
    static func withFolder<R>(_ body: (String) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zlsql-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    static func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

    static func write(_ data: Data, to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    static func lines(_ path: String) throws -> [String] {
        var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

extension FileScan {
    /// All rows as text, NULL as nil.
    func texts(_ projection: [Int]? = nil) throws -> [[String?]] {
        let wanted = projection ?? Array(columns.indices)
        var rows: [[String?]] = []
        for task in 0..<taskCount {
            try read(task: task, projection: wanted, cancellation: CancellationFlag()) { chunk in
                #expect((1...DataChunk.capacity).contains(chunk.rowCount) && chunk.columns.count == wanted.count)
                let text = chunk.columns.map { TextColumn($0) }
                for (column, vector) in zip(wanted, chunk.columns) {
                    #expect(vector.count == chunk.rowCount && vector.type == columns[column].type)
                }
                for row in 0..<chunk.rowCount {
                    rows.append(text.map { column in
                        guard !column.isNull(row) else { return nil }
                        let buffer = ByteBuffer()
                        column.append(row, to: buffer)
                        return buffer.string
                    })
                }
            }
        }
        return rows
    }

    func rowCount() throws -> Int {
        var count = 0
        for task in 0..<taskCount {
            try read(task: task, projection: [], cancellation: CancellationFlag()) { count += $0.rowCount }
        }
        return count
    }
}

/// The message of what `body` throws; nil, and a failure, if it throws nothing or no `ZLError`.
func errorMessage(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as ZLError {
        return error.description
    } catch {
        Issue.record("not a ZLError: \(error)")
        return nil
    }
}
