import ZLColumnar

/// A chunk and where its rows stand in the source, in blocks of `DataChunk.blockSize` rows.
///
/// A full chunk covers two blocks; filters and joins keep the border between them, so that floating sums add up block by
/// block whatever was filtered out and however the work was cut.
struct Batch {
    var chunk: DataChunk
    /// The block of row 0. Never decreases from batch to batch of one source.
    var block: Int
    /// Rows from here on belong to the next block.
    var border: Int
    /// The block of each row, where the rows were picked from many: then `block` and `border` say nothing. A constant where nobody asks.
    var blocks: ColumnVector?
    /// Of more than two neighbouring blocks: for each from `block` on, how many rows it and those before it have. Then `border` says nothing.
    private(set) var ends: [Int]?

    /// Rows that begin at row `position` of their source, a multiple of the block size.
    init(_ chunk: DataChunk, at position: Int) {
        self.chunk = chunk
        block = position / DataChunk.blockSize
        border = min(chunk.rowCount, DataChunk.blockSize)
    }

    init(chunk: DataChunk, block: Int, border: Int) {
        self.chunk = chunk
        self.block = block
        self.border = border
    }

    /// - Parameter ends: for each block from `block` on, how many rows it and those before it have.
    init(chunk: DataChunk, block: Int, ends: [Int]) {
        self.init(chunk: chunk, block: block, border: ends.first ?? 0)
        if ends.count > 2 { self.ends = ends }
    }

    init(chunk: DataChunk, blocks: ColumnVector) {
        self.init(chunk: chunk, block: 0, border: chunk.rowCount)
        self.blocks = blocks
    }

    /// The same rows with other columns.
    func with(_ columns: [ColumnVector]) -> Batch {
        var copy = self
        copy.chunk.columns = columns
        return copy
    }

    /// Some of the columns.
    func giving(_ places: [Int]) -> Batch {
        places.count == chunk.columns.count && places.elementsEqual(places.indices) ? self : with(places.map { chunk.columns[$0] })
    }

    /// The rows of a source whose blocks come behind `count` others.
    func behind(blocks count: Int) -> Batch {
        var copy = self
        copy.block += count
        if let blocks {
            let buffer = Buffer(byteCount: max(16, chunk.rowCount * 4))
            let (numbers, known) = (buffer.values(UInt32.self), blocks.flattened())
            for row in 0..<chunk.rowCount { numbers[row] = known.values(UInt32.self)[row] &+ UInt32(truncatingIfNeeded: count) }
            copy.blocks = withExtendedLifetime(known) { ColumnVector(type: .uinteger, count: chunk.rowCount, buffer: buffer) }
        }
        return copy
    }

    /// The block of each row.
    func blockOfEachRow() -> ColumnVector {
        if let blocks { return blocks }
        let buffer = Buffer(byteCount: max(16, chunk.rowCount * 4))
        let values = buffer.values(UInt32.self)
        var (number, start) = (UInt32(truncatingIfNeeded: block), 0)
        for end in ends ?? [border, chunk.rowCount] {
            (values + start).update(repeating: number, count: end - start)
            (number, start) = (number &+ 1, end)
        }
        return ColumnVector(type: .uinteger, count: chunk.rowCount, buffer: buffer)
    }

    /// How many rows are of the first row's block.
    var firstBlockCount: Int {
        guard let blocks else { return border > 0 ? min(border, chunk.rowCount) : chunk.rowCount }
        if blocks.form == .constant { return chunk.rowCount }
        let numbers = blocks.values(UInt32.self)
        return (0..<chunk.rowCount).first { numbers[$0] != numbers[0] } ?? chunk.rowCount
    }

    /// Some of the rows, one after the other.
    func slice(_ rows: Range<Int>) -> Batch {
        if blocks != nil || ends != nil { return Batch(chunk: chunk.slice(rows), blocks: blockOfEachRow().slice(rows)) }
        let isBehind = rows.lowerBound >= border
        return Batch(
            chunk: chunk.slice(rows), block: isBehind ? block + 1 : block, border: isBehind ? rows.count : min(border - rows.lowerBound, rows.count))
    }

    /// The rows at ascending `selection`, with the border moved along.
    func selecting(_ selection: UnsafePointer<UInt32>, count: Int) -> Batch {
        count == chunk.rowCount ? self : picking(selection, count: count)
    }

    /// The rows at `selection`, which may name a row several times but never falls, with the border moved along.
    func picking(_ selection: UnsafePointer<UInt32>, count: Int) -> Batch {
        if blocks != nil || ends != nil {
            return Batch(chunk: chunk.gather(selection, count: count), blocks: blockOfEachRow().gather(selection, count: count))
        }
        return Batch(chunk: chunk.gather(selection, count: count), block: block, border: Batch.border(border, of: selection, count: count))
    }

    /// How many of some rows, which never fall, stand before the border.
    static func border(_ border: Int, of selection: UnsafePointer<UInt32>, count: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if Int(selection[middle]) < border { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
