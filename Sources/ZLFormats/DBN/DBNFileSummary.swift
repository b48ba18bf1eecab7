import ZLColumnar

/// What a DBN file holds, found by reading it once: a row of `databento_files`.
package struct DBNFileSummary: Hashable, Sendable {
    package var path: String
    /// XXH64 of the file's bytes, 16 hex digits: the same content has the same hash under any name.
    package var hash: String
    package var dataset: String
    package var schema: String
    package var rows: Int
    /// Least and greatest index timestamp (`ts_recv`, or `ts_event` of bars) in nanoseconds; nil without records.
    package var first: Int64?
    package var last: Int64?

    /// - Complexity: O(bytes) to read, unpack and hash the file.
    package init(path: String, cancellation: CancellationFlag) throws {
        let reader = try DBNRecordReader(path: path)
        let schema = reader.metadata.schema
        guard !DBNRecordLayout.layouts(of: schema).isEmpty else {
            throw ZLError.notYet("reading DBN files of schema \(schema.name) (\(path))")
        }
        var rows = 0
        var first = Int64.max
        var last = Int64.min
        while let batch = try reader.next(limit: DataChunk.capacity) {
            try cancellation.check()
            let source = batch.first + batch.layout.indexOffset
            for row in 0..<batch.count {
                let time = source.loadUnaligned(fromByteOffset: row &* batch.stride, as: UInt64.self)
                guard time != 0, let ticks = Int64(exactly: time) else { continue }
                first = min(first, ticks)
                last = max(last, ticks)
            }
            rows += batch.count
        }
        self.path = path
        hash = try XXHash64.hexDigest(of: try InputFile(path: path))
        dataset = reader.metadata.dataset
        self.schema = schema.name
        self.rows = rows
        self.first = first <= last ? first : nil
        self.last = first <= last ? last : nil
    }
}
