import CKernels

/// Binned values, one column a feature, in one allocation: a byte a value where every feature has at most 256 bins, else two.
///
/// Columns begin on 64-byte borders. What goes by one feature at a time reads a column: binning, splitting a leaf.
// why @unchecked: filled before it is shared and never written afterwards.
final class BinColumns: @unchecked Sendable {
    enum Width: Sendable {
        case byte
        case word

        var bytes: Int { self == .byte ? 1 : 2 }
    }

    let width: Width
    let rowCount: Int
    let columnCount: Int
    private let stride: Int
    private let memory: UnsafeMutableRawPointer
    private static let alignment = 64

    init(width: Width, rowCount: Int, columnCount: Int) {
        self.width = width
        self.rowCount = rowCount
        self.columnCount = columnCount
        let bytes: Int = rowCount * width.bytes
        stride = (bytes / Self.alignment + 1) * Self.alignment
        memory = .allocate(byteCount: max(stride * columnCount, 1), alignment: Self.alignment)
    }

    deinit { memory.deallocate() }

    /// A column of bytes; only with width `byte`.
    func bytes(_ column: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(width == .byte && column < columnCount)
        return (memory + column * stride).assumingMemoryBound(to: UInt8.self)
    }

    /// A column of 16-bit words; only with width `word`.
    func words(_ column: Int) -> UnsafeMutablePointer<UInt16> {
        precondition(width == .word && column < columnCount)
        return (memory + column * stride).assumingMemoryBound(to: UInt16.self)
    }

    /// Bins `values` (of `rowCount`) into a column.
    func fill(_ column: Int, from values: UnsafeBufferPointer<Double>, by mapper: BinMapper) {
        guard let source = values.baseAddress else { return }
        let isNaNBinned: Bool = mapper.missingType == .nan
        let last: Int = mapper.binCount - 1
        // The bound of the last bin of numbers is infinite, so that it need not be asked for.
        let bounds = mapper.upperBounds.prefix(isNaNBinned ? last - 1 : last)
        switch width {
        case .byte:
            let missing = ZLMissing(nan: isNaNBinned ? 1 : 0, zeros: 0, zero: 0, rank: UInt8(last))
            RankTable(bounds).rank(source, count: values.count, missing: missing, base: 0, into: bytes(column))
        case .word:
            bounds.withUnsafeBufferPointer { Self.fill(words(column), values, bounds: $0, nanBin: isNaNBinned ? last : nil) }
        }
    }

    private static func fill(
        _ bins: UnsafeMutablePointer<UInt16>, _ values: UnsafeBufferPointer<Double>, bounds: UnsafeBufferPointer<Double>, nanBin: Int?
    ) {
        for row in 0..<values.count {
            var value: Double = values[row]
            if value.isNaN {
                if let nanBin {
                    bins[row] = UInt16(truncatingIfNeeded: nanBin)
                    continue
                }
                value = 0
            }
            // Branch-free search for the first bound >= value.
            var low = 0
            var length: Int = bounds.count
            while length > 0 {
                let half: Int = length >> 1
                let isAbove: Bool = value > bounds[low &+ half]
                low = isAbove ? low &+ half &+ 1 : low
                length = isAbove ? length &- half &- 1 : half
            }
            bins[row] = UInt16(truncatingIfNeeded: low)
        }
    }
}
