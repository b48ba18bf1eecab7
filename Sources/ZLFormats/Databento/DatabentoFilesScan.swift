import ZLColumnar

/// One row a Databento file, DBN or CSV: `databento_files(pattern)`, for bookkeeping of what has been loaded. A task is a file.
///
/// `name` is the file's without its folder, `hash` the XXH64 of its bytes as 16 hex digits, `schema` NULL for CSV, which does not
/// tell it, `first` and `last` the least and greatest index timestamp (`ts_recv`, or `ts_event` of bars).
package struct DatabentoFilesScan: FileScan {
    package let columns = [
        FileColumn(name: "name", type: .varchar), FileColumn(name: "hash", type: .varchar),
        FileColumn(name: "schema", type: .varchar), FileColumn(name: "rows", type: .bigint),
        FileColumn(name: "first", type: .timestampNS), FileColumn(name: "last", type: .timestampNS),
    ]
    private let paths: [String]

    package var taskCount: Int { paths.count }
    package var estimatedRowCount: Int? { paths.count }

    /// - Throws: `ZLError` where the pattern matches nothing.
    package init(pattern: String) throws(ZLError) { paths = try FileGlob.expand(pattern) }

    /// - Complexity: O(bytes) to read, unpack and hash the file.
    package func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws {
        let path = paths[task]
        let found = try DatabentoScan.isText(path)
            ? try DatabentoFilesScan.summary(ofText: path, cancellation)
            : try DatabentoFilesScan.summary(ofRecords: path, cancellation)
        let vectors = projection.map { ColumnVector.constant(found[$0], type: columns[$0].type, count: 1) }
        try emit(DataChunk(columns: vectors, rowCount: 1))
    }

    private static func title(_ path: String) -> Value { .string(String(path.split(separator: "/").last ?? "")) }

    private static func summary(ofRecords path: String, _ cancellation: CancellationFlag) throws -> [Value] {
        let summary = try DBNFileSummary(path: path, cancellation: cancellation)
        return [
            title(path), .string(summary.hash), .string(summary.schema), .integer(Int128(summary.rows)),
            summary.first.map { .ticks($0) } ?? .null, summary.last.map { .ticks($0) } ?? .null,
        ]
    }

    private static func summary(ofText path: String, _ cancellation: CancellationFlag) throws -> [Value] {
        let scan = try DatabentoCSVScan(path: path, options: DBNOptions(), cancellation: cancellation)
        let index = scan.columns.firstIndex { $0.name == "ts_recv" } ?? scan.columns.firstIndex { $0.name == "ts_event" }
        var rows = 0
        var first = Int64.max
        var last = Int64.min
        for task in 0..<scan.taskCount {
            try scan.read(task: task, projection: index.map { [$0] } ?? [], cancellation: cancellation) { chunk in
                rows += chunk.rowCount
                guard let times = chunk.columns.first?.flattened() else { return }
                let ticks = times.values(Int64.self)
                for row in 0..<times.count where !times.isNull(row) {
                    first = min(first, ticks[row])
                    last = max(last, ticks[row])
                }
            }
        }
        return [
            title(path), .string(try XXHash64.hexDigest(of: try InputFile(path: path))), .null, .integer(Int128(rows)),
            first <= last ? .ticks(first) : .null, first <= last ? .ticks(last) : .null,
        ]
    }
}
