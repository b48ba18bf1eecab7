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
    private var columns: [PartedColumn] = []
    /// Number of each row in the morsel.
    private var places = PartedColumn(type: .uinteger)
    /// The source block of each row.
    private var blocks = PartedColumn(type: .uinteger)
    /// Where each part's next row goes; a multiple of the piece size where a piece has to begin.
    private var next: [UInt32]
    /// Where each part's pieces begin.
    private var pieces: [[Int]]
    private var pieceCount = 0
    /// Where the rows of the batch at hand go.
    private var runs: [PartedRun] = []
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
        if columns.isEmpty { columns = batch.chunk.columns.map { PartedColumn(type: $0.type) } }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: rows) { buffer in
            guard let order = buffer.baseAddress else { return }
            setRuns(batch, rows, order)
            let capacity = max(pieceCount * PartedRows.pieceSize, PartedRows.pieceSize * 64 * 3)
            for column in columns.indices { columns[column].add(batch.chunk.columns[column], runs, order, capacity: capacity) }
            let first = UInt32(truncatingIfNeeded: count)
            places.add(runs, order, capacity: capacity) { first &+ $0 }
            guard needsBlocks else { return }
            if batch.blocks != nil || batch.ends != nil {
                blocks.add(batch.blockOfEachRow(), runs, order, capacity: capacity)
            } else {
                let (block, border) = (UInt32(truncatingIfNeeded: batch.block), UInt32(truncatingIfNeeded: batch.border))
                blocks.add(runs, order, capacity: capacity) { $0 < border ? block : block &+ 1 }
            }
        }
        count += rows
    }

    /// Puts the rows of a batch in order of their parts, and finds the places for them.
    private func setRuns(_ batch: Batch, _ rows: Int, _ order: UnsafeMutablePointer<UInt32>) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows) { parts in
            guard let parts = parts.baseAddress else { return }
            KeyPartition.parts(keys.map { batch.chunk.columns[$0] }, count: rows, bits: bits, into: parts)
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: next.count) { ends in
                ends.update(repeating: 0)
                for row in 0..<rows { ends[Int(parts[row])] &+= 1 }
                var start: UInt32 = 0
                runs.removeAll(keepingCapacity: true)
                for part in ends.indices where ends[part] > 0 {
                    addRuns(of: part, start: Int(start), count: Int(ends[part]))
                    (ends[part], start) = (start, start &+ ends[part])
                }
                for row in 0..<rows {
                    let part = Int(parts[row])
                    order[Int(ends[part])] = UInt32(truncatingIfNeeded: row)
                    ends[part] &+= 1
                }
            }
        }
    }

    private func addRuns(of part: Int, start: Int, count: Int) {
        var taken = 0
        while taken < count {
            if Int(next[part]) % PartedRows.pieceSize == 0 { next[part] = beginPiece(of: part) }
            let target = Int(next[part])
            let fits = min(count - taken, PartedRows.pieceSize - target % PartedRows.pieceSize)
            runs.append(PartedRun(target: target, start: start + taken, count: fits))
            next[part] = UInt32(truncatingIfNeeded: target + fits)
            taken += fits
        }
    }

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
