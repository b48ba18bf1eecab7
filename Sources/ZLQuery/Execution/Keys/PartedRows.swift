import ZLColumnar

/// The rows of a morsel, parted by a hash of their keys as they come: equal keys go to one part, within a part rows keep their order.
///
/// A part's rows lie in pieces of one area that all parts share. The memory is used again for the next morsel, for the system
/// takes longer to give new memory than the rows take to be written.
///
/// - Complexity: O(rows * columns)
final class PartedRows: @unchecked Sendable {  // proof: filled by one task, and read by others after that task ended
    private let keys: [Int]
    private let bits: Int
    private let needsBlocks: Bool
    private var columns: [ScatteredColumn] = []
    /// Number of each row in the morsel.
    private var places = ScatteredColumn(type: .uinteger)
    /// The source block of each row.
    private var blocks = ScatteredColumn(type: .uinteger)
    /// Where each part's next row goes; a multiple of the piece size where a piece has to begin.
    private var next: [UInt32]
    /// Where each part's pieces begin.
    private var pieces: [[Int]]
    private var pieceCount = 0
    private(set) var count = 0
    private var finished: (columns: [ColumnVector], places: ColumnVector, blocks: ColumnVector?)?

    private static let pieceSize = 1024

    /// - Parameters:
    ///   - keys: the columns that part the rows.
    ///   - bits: there are 2 to the power of `bits` parts, at most 8.
    ///   - needsBlocks: somebody asks for the rows' source blocks.
    init(keys: [Int], bits: Int, needsBlocks: Bool) {
        self.keys = keys
        self.bits = bits
        self.needsBlocks = needsBlocks
        next = [UInt32](repeating: 0, count: 1 << bits)
        pieces = [[Int]](repeating: [], count: 1 << bits)
    }

    /// Takes the rows of another morsel instead; `read` gives them to its argument.
    func fill(_ read: ((Batch) throws -> Void) throws -> Void) throws {
        finished = nil
        for column in columns.indices { columns[column].removeAll() }
        places.removeAll()
        blocks.removeAll()
        for part in pieces.indices {
            pieces[part].removeAll(keepingCapacity: true)
            next[part] = 0
        }
        (pieceCount, count) = (0, 0)
        try read { batch in add(batch) }
        let rows = pieceCount * PartedRows.pieceSize
        finished = (columns.map { $0.column(count: rows) }, places.column(count: rows), needsBlocks ? blocks.column(count: rows) : nil)
    }

    private func add(_ batch: Batch) {
        let rows = batch.chunk.rowCount
        guard rows > 0 else { return }
        if columns.isEmpty { columns = batch.chunk.columns.map { ScatteredColumn(type: $0.type) } }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rows) { buffer in
            guard let targets = buffer.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows) { parts in
                guard let parts = parts.baseAddress else { return }
                KeyPartition.parts(keys.map { batch.chunk.columns[$0] }, count: rows, bits: bits, into: parts)
                setTargets(parts, rows, targets)
            }
            let capacity = max(pieceCount * PartedRows.pieceSize, PartedRows.pieceSize * 64 * 3)
            for column in columns.indices { columns[column].add(batch.chunk.columns[column], to: targets, capacity: capacity) }
            places.add(.sequence(.uinteger, first: Int64(count), step: 1, count: rows), to: targets, capacity: capacity)
            if needsBlocks { blocks.add(batch.blockOfEachRow(), to: targets, capacity: capacity) }
        }
        count += rows
    }

    private func setTargets(_ parts: UnsafePointer<UInt8>, _ rows: Int, _ targets: UnsafeMutablePointer<UInt32>) {
        let mask = UInt32(PartedRows.pieceSize - 1)
        var next = next
        self.next = []
        next.withUnsafeMutableBufferPointer { next in
            for row in 0..<rows {
                let part = Int(parts[row])
                var target = next[part]
                if target & mask == 0 { target = beginPiece(of: part) }
                next[part] = target &+ 1
                targets[row] = target
            }
        }
        self.next = next
    }

    @inline(never)
    private func beginPiece(of part: Int) -> UInt32 {
        let start = pieceCount * PartedRows.pieceSize
        pieces[part].append(start)
        pieceCount += 1
        return UInt32(truncatingIfNeeded: start)
    }

    /// Calls `body` with the rows of a part, batch after batch, and their numbers in the morsel.
    func forEachBatch(of part: Int, _ body: (Batch, _ places: UnsafePointer<UInt32>) throws -> Void) rethrows {
        guard let finished else { return }
        for (index, start) in pieces[part].enumerated() {
            let filled = Int(next[part]) - start
            let count = index + 1 < pieces[part].count ? PartedRows.pieceSize : filled
            let rows = start..<start + count
            let chunk = DataChunk(columns: finished.columns.map { $0.slice(rows) }, rowCount: count)
            let blocks = finished.blocks?.slice(rows) ?? .constant(.integer(0), type: .uinteger, count: count)
            try body(Batch(chunk: chunk, blocks: blocks), finished.places.values(UInt32.self) + start)
        }
    }
}
