import ZLColumnar

/// Binned values once more, row after row: what histograms are summed from, since the rows of a leaf are scattered and a row's
/// bins then lie in one or few lines of the cache. As wide as the columns that it was made from, in the order and with the places of
/// a histogram layout.
// why @unchecked: filled in `init` and never written afterwards.
final class RowBins: @unchecked Sendable {
    /// Bytes from row to row.
    let stride: Int
    let width: BinColumns.Width
    let memory: UnsafeMutableRawPointer
    private static let alignment = 64
    private static let blockRows = 4096

    /// Copies the columns, blocks of rows spread over up to `threads` threads.
    init(_ columns: BinColumns, _ layout: HistogramLayout, threads: Int) throws(ZLError) {
        width = columns.width
        let bytes: Int = layout.groups.count * HistogramLayout.groupWidth * columns.width.bytes
        // A row that fits into a line lies in one, larger ones begin wherever there is room.
        var stride: Int = bytes <= Self.alignment ? 8 : (bytes + 15) / 16 * 16
        while bytes <= Self.alignment && stride < bytes { stride *= 2 }
        self.stride = stride
        memory = .allocate(byteCount: max(stride * columns.rowCount, 1), alignment: Self.alignment)
        let blockCount: Int = (columns.rowCount + Self.blockRows - 1) / Self.blockRows
        _ = try WorkerPool.shared.map(count: blockCount, threads: threads) { [self] block in
            fill(block * Self.blockRows..<min((block + 1) * Self.blockRows, columns.rowCount), columns, layout)
        }
    }

    deinit { memory.deallocate() }

    private func fill(_ rows: Range<Int>, _ columns: BinColumns, _ layout: HistogramLayout) {
        let target: UnsafeMutableRawPointer = memory + rows.lowerBound * stride
        target.initializeMemory(as: UInt8.self, repeating: 0, count: rows.count * stride)
        for column in 0..<columns.columnCount {
            let lane: UnsafeMutableRawPointer = target + layout.position(of: column) * width.bytes
            let missing: Int = layout.columns[column].missingBin
            let place: Int = layout.place(of: missing, in: column)
            switch width {
            case .byte: copy(columns.bytes(column) + rows.lowerBound, rows.count, lane, missing, place)
            case .word: copy(columns.words(column) + rows.lowerBound, rows.count, lane, missing, place)
            }
        }
    }

    /// Copies bins, `missing` as `place`.
    @inline(__always)
    private func copy<Bin: FixedWidthInteger>(
        _ source: UnsafePointer<Bin>, _ count: Int, _ target: UnsafeMutableRawPointer, _ missing: Int, _ place: Int
    ) {
        for row in 0..<count {
            let bin: Bin = source[row]
            let moved: Bin = Int(bin) == missing ? Bin(truncatingIfNeeded: place) : bin
            target.storeBytes(of: moved, toByteOffset: row &* stride, as: Bin.self)
        }
    }
}
