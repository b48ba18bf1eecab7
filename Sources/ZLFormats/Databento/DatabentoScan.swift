import ZLColumnar

/// Databento's files, DBN and CSV alike, as the columns and types of DBN: `read_databento(pattern)`.
///
/// Content decides what a file is, not its name. CSV may have prices and timestamps as integers or pretty, with or without
/// symbols; what is undefined is NULL as in `DBNScan`. All files must have the columns of one schema.
package struct DatabentoScan: FileScan {
    package let columns: [FileColumn]
    private let parts: [any FileScan]
    /// The part and its own task number for each task.
    private let tasks: [(part: Int, task: Int)]

    package var taskCount: Int { tasks.count }

    /// - Throws: `ZLError` where a pattern matches nothing, a file is neither DBN nor a Databento CSV, or two files differ in their columns.
    package init(
        pattern: String, options: DBNOptions = DBNOptions(), cancellation: CancellationFlag = CancellationFlag()
    ) throws {
        try self.init(paths: try FileGlob.expand(pattern), options: options, cancellation: cancellation)
    }

    package init(
        paths: [String], options: DBNOptions = DBNOptions(), cancellation: CancellationFlag = CancellationFlag()
    ) throws {
        var parts: [any FileScan] = []
        for path in paths {
            try cancellation.check()
            let part: any FileScan =
                try DatabentoScan.isText(path)
                ? try DatabentoCSVScan(path: path, options: options, cancellation: cancellation)
                : try DBNScan(paths: [path], options: options)
            if let first = parts.first, first.columns != part.columns {
                throw DatabentoScan.mismatch(paths[0], first.columns, path, part.columns)
            }
            parts.append(part)
        }
        guard let first = parts.first else { throw ZLError(.io, "no_files", "no Databento file is given") }
        columns = first.columns
        self.parts = parts
        tasks = parts.indices.flatMap { part in (0..<parts[part].taskCount).map { (part, $0) } }
    }

    package func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws {
        let (part, own) = tasks[task]
        try parts[part].read(task: own, projection: projection, cancellation: cancellation, emit: emit)
    }

    /// Whether a file begins with the name of a Databento column: `ts_recv` or `ts_event`.
    static func isText(_ path: String) throws(ZLError) -> Bool {
        let stream = try ByteStream(try InputFile(path: path))
        let buffer = Buffer(byteCount: 16)
        defer { withExtendedLifetime(buffer) {} }
        let count = try stream.read(16, into: buffer.address)
        var start = UnsafeRawBufferPointer(start: buffer.address, count: count)
        if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = UnsafeRawBufferPointer(rebasing: start[3...]) }
        return start.starts(with: "ts_".utf8) || start.starts(with: "\"ts_".utf8)
    }

    private static func mismatch(
        _ first: String, _ one: [FileColumn], _ second: String, _ two: [FileColumn]
    ) -> ZLError {
        let missing = one.first { !two.contains($0) }.map { "\(second) has no column \($0.name)" }
        let extra = two.first { !one.contains($0) }.map { "\(first) has no column \($0.name)" }
        return ZLError(
            .io, "different_schemas", "the files do not fit together: \(missing ?? extra ?? "their columns differ in order")",
            hint: "read files of one schema at a time")
    }
}
