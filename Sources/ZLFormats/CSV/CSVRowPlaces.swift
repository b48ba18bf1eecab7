import Glibc
import Synchronization
import ZLColumnar

/// Where the rows of a file belong: each block's first row, and the row groups that take the values.
///
/// A block's first row is known when those before it have been scanned for line ends. What a line end promises and a row does not keep
/// (blank lines, line ends in quotes) leaves a gap; then a row group never fills, and its rows stay as they came.
final class CSVRowPlaces: Sendable {
    private struct State {
        /// Row numbers at which blocks begin, as far as all blocks before are scanned.
        var starts: [Int]
        /// Line ends of scanned blocks that wait for one before them.
        var waiting: [Int: Int] = [:]
        var groups: [Int: CSVRowGroup] = [:]
    }

    private let state: Mutex<State>
    private let columnCount: Int
    private let spare = CSVSpareMemory()
    /// A block was waited for in vain; it may have failed.
    private let gaveUp = Atomic<Bool>(false)

    init(firstRow: Int, columnCount: Int) {
        state = Mutex(State(starts: [firstRow]))
        self.columnCount = columnCount
    }

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
    private static let naps = 2000
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

    /// The group of a row.
    func group(of row: Int) -> CSVRowGroup {
        let number = row / CSVRowGroup.capacity
        return state.withLock { state in
            if let known = state.groups[number] { return known }
            let made = CSVRowGroup(number: number, columnCount: columnCount, spare: spare)
            state.groups[number] = made
            return made
        }
    }

    /// All groups, ascending, once all blocks are read.
    func finish() -> [CSVRowGroup] {
        spare.removeAll()
        return state.withLock { $0.groups.values.sorted { $0.number < $1.number } }
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
