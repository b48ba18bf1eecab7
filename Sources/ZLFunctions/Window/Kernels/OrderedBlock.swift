import CKernels
import ZLColumnar

/// The values of a block of rows and of the windows before them, and their places in the order of the block.
///
/// - Complexity: O(1) a value.
final class OrderedBlock {
    /// Wider windows would leave a block too few rows of its own.
    static let widest = Int(ZL_BLOCK_CAPACITY) / 2
    /// Rows behind the last of which kernels may read the places, and for which they may write results.
    static let overhang = 64

    private let width: Int
    private let memory: Buffer
    private let source, sorted: UnsafeMutablePointer<Double>
    /// One for a value; more room than values.
    let places: UnsafeMutablePointer<Int16>
    /// 0 for rows that do not count, 1 for numbers, 2 for NaN.
    let kinds: UnsafeMutablePointer<UInt8>
    /// Whether all rows are numbers that count.
    private(set) var isPlain = false
    /// Whether some values have one place.
    private(set) var hasTies = false

    /// - Parameter width: of the windows, `widest` at most.
    init(width: Int) {
        self.width = width
        let capacity = Int(ZL_BLOCK_CAPACITY) + 2 * OrderedBlock.overhang
        memory = Buffer(byteCount: capacity * (8 + 8 + 2 + 1))
        source = memory.values(Double.self)
        sorted = source + capacity
        places = UnsafeMutableRawPointer(sorted + capacity).assumingMemoryBound(to: Int16.self)
        kinds = UnsafeMutableRawPointer(places + capacity).assumingMemoryBound(to: UInt8.self)
        (places + capacity - 2 * OrderedBlock.overhang).initialize(repeating: 0, count: 2 * OrderedBlock.overhang)
    }

    /// Rows whose windows fit into a block.
    var rowCount: Int { Int(ZL_BLOCK_CAPACITY) - (width - 1) }

    var values: UnsafePointer<Double> { UnsafePointer(sorted) }

    /// Puts the values of `count` windows in order, of which the first begins at row `first`; false where that takes too long.
    ///
    /// - Parameter sharesPlaces: equal values have one place.
    func fill(_ input: FrameInput, from first: Int, _ count: Int, sharesPlaces: Bool) -> Bool {
        let size = width - 1 + count
        let inside = input.rows.clamped(to: first..<(first + size))
        isPlain = inside.count == size && !input.mayHaveGaps && zl_mark_numbers(input.x + first, size, kinds) == 1
        if !isPlain { gather(input, inside, first, size) }
        var distinct = 0
        let ordered = zl_block_order(
            isPlain ? input.x + first : UnsafePointer(source), isPlain ? nil : UnsafePointer(kinds), size, sharesPlaces ? 1 : 0, sorted,
            places, &distinct)
        hasTies = distinct < ordered
        return ordered >= 0
    }

    private func gather(_ input: FrameInput, _ inside: Range<Int>, _ first: Int, _ size: Int) {
        let low = inside.lowerBound - first
        for index in 0..<size where index < low || index >= low + inside.count {
            source[index] = 0
            kinds[index] = 0
        }
        for row in inside {
            let value = input.x[row]
            let counts = !input.mayHaveGaps || input.counts(row)
            source[row - first] = value
            kinds[row - first] = counts ? (value.isNaN ? 2 : 1) : 0
        }
    }
}
