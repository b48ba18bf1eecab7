import Synchronization
import ZLColumnar

/// Columns in memory of a source whose morsels' row counts are known before they are read: each value is written where it belongs by the
/// thread that reads it, and nothing is held twice. Text stays as it comes until all is there.
final class PlacedColumns: @unchecked Sendable {  // proof: morsels write their own rows, and are read when all have ended
    private let types: [DataType]
    /// The first row of each morsel, and the number of rows.
    private let starts: [Int]
    /// The values of each column; nil for text.
    private let buffers: [Buffer?]
    private let found: Mutex<Found>

    /// What morsels leave to be put together.
    private struct Found {
        /// By morsel and column.
        var texts: [[ColumnVector]]
        var nulls: [Place]
    }

    /// Rows of which some are NULL.
    private struct Place {
        let column, row, count: Int
        let validity: ValidityBitmap
    }

    /// Nil where some morsel's rows are not known, and for fewer rows than are worth it.
    init?(_ source: any BatchSource, _ types: [DataType], least: Int) {
        guard let limit = source.rowLimit, limit > least, limit < Int(ColumnVector.noRow) else { return nil }
        var starts = [0]
        starts.reserveCapacity(source.morselCount + 1)
        for morsel in 0..<source.morselCount {
            var count = 0
            for part in 0..<source.partCount(morsel: morsel) {
                guard let rows = source.rowCount(morsel: morsel, part: part) else { return nil }
                count += rows
            }
            starts.append(starts[morsel] + count)
        }
        let rowCount = starts[source.morselCount]
        self.types = types
        self.starts = starts
        buffers = types.map { $0.physical == .string ? nil : Buffer(byteCount: max(16, rowCount * $0.physical.stride)) }
        found = Mutex(Found(texts: [[ColumnVector]](repeating: [], count: types.count * source.morselCount), nulls: []))
    }

    var rowCount: Int { starts[starts.count - 1] }

    /// - Throws: class internal where the morsel has other rows than the source said.
    func read(_ morsel: Int, of source: any BatchSource, _ context: ExecutionContext) throws {
        if let segments = try source.segments(morsel: morsel) { return try read(morsel, segments, context) }
        var row = starts[morsel]
        var texts = [[ColumnVector]](repeating: [], count: types.count)
        var nulls: [Place] = []
        let end = starts[morsel + 1]
        let wrong = ZLError(.internal, "row_count", "a source does not give the rows that it said")
        try source.run(morsel: morsel) { batch in
            try context.cancellation.check()
            guard batch.chunk.rowCount <= end - row else { throw wrong }
            for (column, vector) in batch.chunk.columns.enumerated() {
                guard let buffer = buffers[column] else {
                    texts[column].append(vector)
                    continue
                }
                if let validity = vector.copy(to: buffer.address + row * types[column].physical.stride) {
                    nulls.append(Place(column: column, row: row, count: vector.count, validity: validity))
                }
            }
            row += batch.chunk.rowCount
        }
        guard row == end else { throw wrong }
        add(texts, nulls, of: morsel)
    }

    /// Values are decoded where they belong.
    private func read(_ morsel: Int, _ segments: [SegmentRows], _ context: ExecutionContext) throws {
        let (row, rows) = (starts[morsel], 0..<starts[morsel + 1] - starts[morsel])
        var texts = [[ColumnVector]](repeating: [], count: types.count)
        var nulls: [Place] = []
        for (column, segment) in segments.enumerated() {
            try context.cancellation.check()
            if let buffer = buffers[column] {
                if let validity = segment.decode(rows, to: buffer.address + row * types[column].physical.stride) {
                    nulls.append(Place(column: column, row: row, count: rows.count, validity: validity))
                }
            } else {
                texts[column] = [try segment.decode(rows)]
            }
        }
        add(texts, nulls, of: morsel)
    }

    private func add(_ texts: [[ColumnVector]], _ nulls: [Place], of morsel: Int) {
        found.withLock { found in
            for (column, pieces) in texts.enumerated() { found.texts[morsel * types.count + column] = pieces }
            found.nulls += nulls
        }
    }

    /// The columns, once all morsels have been read.
    ///
    /// - Parameter keepsCodes: text may be codes into a dictionary instead.
    func finish(keepsCodes: Bool, _ context: ExecutionContext) throws -> [ColumnVector] {
        let found = found.withLock { $0 }
        let slots = VectorSlots(count: types.count)
        try WorkerPool.shared.forEach(count: types.count, threads: context.threads) { column in
            guard let buffer = self.buffers[column] else {
                let pieces = stride(from: column, to: found.texts.count, by: self.types.count).flatMap { found.texts[$0] }
                slots[column] = (keepsCodes ? StringDictionary.numbered(pieces) : nil)
                    ?? ColumnVector.concatenate(pieces, type: self.types[column])
                return
            }
            var validity: ValidityBitmap?
            for place in found.nulls where place.column == column {
                let bitmap = validity ?? ValidityBitmap(count: self.rowCount, allValid: true)
                bitmap.setNulls(of: place.validity, count: place.count, at: place.row)
                validity = bitmap
            }
            slots[column] = ColumnVector(type: self.types[column], count: self.rowCount, buffer: buffer, validity: validity)
        }
        return slots.vectors
    }
}
