import Glibc
import Synchronization
import ZLColumnar

/// Where the values of a file's rows go: one behind the other in memory that all blocks share, so that a table takes them without a copy.
///
/// A block's first row is known when those before it have been scanned for line ends. What a line end promises and a row does not keep
/// (blank lines, line ends in quotes) leaves a gap; then the neighbours do not join and are copied.
final class CSVRowPlaces: Sendable {
    private struct State {
        /// Row numbers at which blocks begin, as far as all blocks before are scanned.
        var starts: [Int]
        /// Line ends of scanned blocks that wait for one before them.
        var waiting: [Int: Int] = [:]
        var regions: [Key: Buffer] = [:]
    }

    private struct Key: Hashable {
        var column: Int
        var region: Int
    }

    /// The rows of a region: two row groups, which fill a huge page with eight bytes a row.
    static let regionRows = 2 * RowGroup.capacity
    private let state: Mutex<State>
    /// A block was waited for in vain; it may have failed.
    private let gaveUp = Atomic<Bool>(false)

    init(firstRow: Int) { state = Mutex(State(starts: [firstRow])) }

    /// Notes the line ends of a block; called once for each.
    func scanned(_ block: Int, lineEnds: Int) {
        state.withLock { state in
            state.waiting[block] = lineEnds
            while let lines = state.waiting.removeValue(forKey: state.starts.count - 1) {
                state.starts.append(state.starts[state.starts.count - 1] + lines)
            }
        }
    }

    private static let yields = 64
    private static let naps = 100
    private static let napMicroseconds: UInt32 = 100

    /// The number of a block's first row; nil if the blocks before it take long.
    ///
    /// Blocks are started in order, so those before are being scanned by threads that wait for none behind them.
    func firstRow(of block: Int) -> Int? {
        for attempt in 0..<(CSVRowPlaces.yields + CSVRowPlaces.naps) {
            if let start = state.withLock({ block < $0.starts.count ? $0.starts[block] : nil }) { return start }
            if gaveUp.load(ordering: .relaxed) { return nil }
            if attempt < CSVRowPlaces.yields { sched_yield() } else { usleep(CSVRowPlaces.napMicroseconds) }
        }
        gaveUp.store(true, ordering: .relaxed)
        return nil
    }

    /// Rows from `row` on that lie in one region.
    static func room(at row: Int) -> Int { regionRows - row % regionRows }

    /// The memory of a column from a row on.
    func target(column: Int, row: Int, stride: Int) -> CSVTarget {
        let (region, place) = row.quotientAndRemainder(dividingBy: CSVRowPlaces.regionRows)
        let key = Key(column: column, region: region)
        let buffer = state.withLock { state in
            if let known = state.regions[key] { return known }
            let made = Buffer(byteCount: CSVRowPlaces.regionRows * stride)
            state.regions[key] = made
            return made
        }
        return CSVTarget(buffer: buffer, byteOffset: place * stride)
    }
}

/// Memory for the values of some rows.
struct CSVTarget {
    let buffer: Buffer
    let byteOffset: Int

    init(buffer: Buffer, byteOffset: Int) {
        self.buffer = buffer
        self.byteOffset = byteOffset
    }

    /// Memory of its own.
    init(byteCount: Int) { self.init(buffer: Buffer(byteCount: byteCount), byteOffset: 0) }

    @inline(__always)
    func values<T>(_ element: T.Type) -> UnsafeMutablePointer<T> {
        (buffer.address + byteOffset).assumingMemoryBound(to: T.self)
    }
}
