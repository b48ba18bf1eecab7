import Synchronization
import ZLColumnar

/// How far a frame reaches, as bound: offsets are constants in rows, or per-row bounds that the executor computed.
package enum WindowFrame: @unchecked Sendable {  // proof: the bounds are written before the frame is made, read only after
    /// ROWS BETWEEN `preceding` rows before AND `following` rows after the current row, no EXCLUDE; nil is unbounded.
    /// A negative number lies on the other side: (5, -1) is 5 PRECEDING AND 1 PRECEDING.
    case rows(preceding: Int?, following: Int?)
    /// Row r's frame is `start[r] ..< end[r]` in absolute row numbers, empty where start >= end.
    case bounds(start: UnsafePointer<UInt32>, end: UnsafePointer<UInt32>, exclude: FrameExclusion)

    /// Whether both are the same frame in rows.
    package func isSame(as other: WindowFrame) -> Bool {
        guard case .rows(let preceding, let following) = self, case .rows(let otherPreceding, let otherFollowing) = other else { return false }
        return preceding == otherPreceding && following == otherFollowing
    }
}

package enum FrameExclusion: Sendable { case noOthers, currentRow, group, ties }

/// One partition of a window's sorted input.
package struct WindowPartition: @unchecked Sendable {  // proof: vectors and pointers are read only while windows are computed
    /// The arguments over the whole sorted input, flat, resolved types; FILTER has already turned rows into NULLs only for
    /// aggregates (see `filter`).
    package let arguments: [ColumnVector]
    /// The partition's rows within the input.
    package let rows: Range<Int>
    /// The rows whose results are wanted; all of the partition's but where the evaluator lets it be cut.
    package let targets: Range<Int>
    package let frame: WindowFrame
    /// `peerStart[r]` is the first row of r's peer group, `peerEnd[r]` the first row after it (absolute row numbers).
    /// Without ORDER BY the whole partition is one group. Not there for trailing functions and for frames in ROWS without EXCLUDE.
    package let peerStart: UnsafePointer<UInt32>
    package let peerEnd: UnsafePointer<UInt32>
    /// Rows that FILTER (WHERE ..) lets into an aggregate: one byte a row of the whole input; nil lets in all.
    package let filter: UnsafePointer<UInt8>?
    /// IGNORE NULLS was written.
    package let ignoresNulls: Bool
    /// The ORDER BY keys over the whole sorted input, flat.
    package let orderKeys: [ColumnVector]

    package init(
        arguments: [ColumnVector], rows: Range<Int>, frame: WindowFrame, peerStart: UnsafePointer<UInt32>,
        peerEnd: UnsafePointer<UInt32>, filter: UnsafePointer<UInt8>? = nil, ignoresNulls: Bool = false,
        orderKeys: [ColumnVector] = [], targets: Range<Int>? = nil
    ) {
        self.arguments = arguments
        self.rows = rows
        self.targets = targets ?? rows
        self.frame = frame
        self.peerStart = peerStart
        self.peerEnd = peerEnd
        self.filter = filter
        self.ignoresNulls = ignoresNulls
        self.orderKeys = orderKeys
    }
}

/// Where a window function writes: typed values and one validity byte a row, by row numbers of the whole input.
///
/// Partitions are written by several threads, each to its own rows; a byte a row keeps them apart.
package final class WindowOutput: @unchecked Sendable {  // proof: each row is written by the one thread that owns its partition
    package let type: DataType
    package let rows: Range<Int>
    private let buffer: Buffer
    /// 1 where the row has a value; 0 (the initial state) is NULL.
    package let valid: UnsafeMutablePointer<UInt8>
    private let validBuffer: Buffer
    /// Keeps strings alive that results point into.
    private let heaps: Mutex<[StringHeap]>

    /// - Parameter rows: the rows of the input that are written.
    package init(type: DataType, rows: Range<Int>, heaps: [StringHeap] = []) {
        self.type = type
        self.rows = rows
        self.heaps = Mutex(heaps)
        buffer = Buffer(byteCount: max(16, rows.count * type.physical.stride))
        if type.physical.stride == 16 { buffer.zero() }
        validBuffer = Buffer(byteCount: max(rows.count, 1))
        validBuffer.zero()
        valid = validBuffer.values(UInt8.self) - rows.lowerBound
    }

    /// Points to row 0 of the input; only `rows` may be touched.
    package func values<T>(_ type: T.Type) -> UnsafeMutablePointer<T> { buffer.values(T.self) - rows.lowerBound }

    /// Keeps the strings of a vector alive that a result points into.
    package func adopt(_ other: [StringHeap]) {
        heaps.withLock { known in
            for heap in other where !known.contains(where: { $0 === heap }) { known.append(heap) }
        }
    }

    package func finish() -> ColumnVector {
        ColumnVector(type: type, count: rows.count, buffer: buffer, validity: bitmap(), heaps: heaps.withLock { $0 })
    }

    /// Nil where all rows have a value.
    private func bitmap() -> ValidityBitmap? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let (count, groups) = (rows.count, rows.count / 8)
        let flags = validBuffer.values(UInt8.self)
        let raw = UnsafeRawPointer(flags)
        var all = ones
        for group in 0..<groups { all &= raw.load(fromByteOffset: group * 8, as: UInt64.self) }
        if all == ones, (groups * 8..<count).allSatisfy({ flags[$0] == 1 }) { return nil }
        let made = ValidityBitmap(count: count, allValid: true)
        let bytes = UnsafeMutableRawPointer(made.words).assumingMemoryBound(to: UInt8.self)
        for group in 0..<groups {
            // why: the product moves the lowest bit of byte i to bit 56 + i
            let bits = (raw.load(fromByteOffset: group * 8, as: UInt64.self) & ones) &* 0x0102_0408_1020_4080
            bytes[group] = UInt8(truncatingIfNeeded: bits >> 56)
        }
        for row in groups * 8..<count where flags[row] == 0 { made.setNull(row) }
        return made
    }
}

/// A bound window function: writes its result for the rows of one partition. Holds constants only, no state between calls.
package protocol WindowEvaluator: Sendable {
    /// Writes the results of `partition.targets`.
    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError)

    /// Partitions that are best computed side by side; 1 where it makes no difference.
    var lanes: Int { get }

    /// Writes the results of several partitions, the same as one after the other.
    func evaluate(_ partitions: [WindowPartition], into output: WindowOutput) throws(ZLError)

    /// How far from a row the rows lie that its result is computed from: with those at hand any of the partition's targets can be done
    /// alone, and no result depends on where the parts begin and end. Such a call looks at no peers and no ORDER BY keys.
    /// Nil where the partition has to be done in one go.
    func reach(_ use: WindowUse) -> WindowReach?

    /// Arguments from the first on that are read row by row; those behind are constants, which it knows.
    var valueCount: Int { get }

    /// The recursion over the first argument's values that the results are, rows where that is NULL having none; nil for other functions.
    var recursion: ExponentialRecursion? { get }

    /// What writes the results of the partition's targets block by block from window sums, which other calls may share; nil for what is
    /// not computed so.
    func makeWriter(_ partition: WindowPartition, into output: WindowOutput) -> SharedSums.Writer?
}

extension WindowEvaluator {
    package var lanes: Int { 1 }
    package func evaluate(_ partitions: [WindowPartition], into output: WindowOutput) throws(ZLError) {
        for partition in partitions { try evaluate(partition, into: output) }
    }
    package func reach(_ use: WindowUse) -> WindowReach? { nil }
    package var valueCount: Int { .max }
    package var recursion: ExponentialRecursion? { nil }
    package func makeWriter(_ partition: WindowPartition, into output: WindowOutput) -> SharedSums.Writer? { nil }
}

/// What is known of a window call before its rows are.
package struct WindowUse: Sendable {
    /// Of constant width, or with an end that is unbounded.
    package let frame: WindowFrame
    package let ignoresNulls: Bool
    package let isFiltered: Bool

    package init(frame: WindowFrame, ignoresNulls: Bool, isFiltered: Bool) {
        self.frame = frame
        self.ignoresNulls = ignoresNulls
        self.isFiltered = isFiltered
    }

    /// The frame's reach where both ends are bounded.
    var frameReach: WindowReach? {
        guard case .rows(let preceding?, let following?) = frame else { return nil }
        return WindowReach(before: max(preceding, 0), after: max(following, 0))
    }
}

/// Rows before and behind a row.
package struct WindowReach: Sendable {
    package let before: Int
    package let after: Int

    package init(before: Int, after: Int) {
        self.before = before
        self.after = after
    }

    /// Nothing but the row itself.
    package static let row = WindowReach(before: 0, after: 0)
}

package struct WindowOverload: Sendable {
    package let signatureText: String
    package let resolve: SignatureResolver
    /// `constants[i]` is the value of argument i where it is a constant (a window length), else nil; `named` holds
    /// `name => value` arguments (min_periods, span, ..), which must be constants.
    package let makeEvaluator: @Sendable (
        _ signature: ResolvedSignature, _ constants: [Value?], _ named: [String: Value]
    ) throws(ZLError) -> any WindowEvaluator

    package init(
        _ signatureText: String, resolve: @escaping SignatureResolver,
        makeEvaluator: @escaping @Sendable (ResolvedSignature, [Value?], [String: Value]) throws(ZLError) -> any WindowEvaluator
    ) {
        self.signatureText = signatureText
        self.resolve = resolve
        self.makeEvaluator = makeEvaluator
    }
}

package struct WindowFunction: Sendable {
    /// How a call uses the OVER clause, for the planner and for look-ahead analysis.
    package enum FrameUse: Sendable {
        /// Reads the frame that the OVER clause gives.
        case frame
        /// Looks at the whole partition or a fixed place in it; a frame is ignored (rank, lag).
        case partition
        /// Last-n-rows and recursive forms: only rows up to the current one; a frame may not be written.
        case trailing
    }

    package let description: FunctionDescription
    package let overloads: [WindowOverload]
    package let frameUse: FrameUse
    /// The call makes no sense without ORDER BY.
    package let needsOrder: Bool

    package init(
        _ description: FunctionDescription, frameUse: FrameUse, needsOrder: Bool = false, _ overloads: [WindowOverload]
    ) {
        self.description = description
        self.frameUse = frameUse
        self.needsOrder = needsOrder
        self.overloads = overloads
    }
}
