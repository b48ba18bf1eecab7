import ZLColumnar

/// The value arguments of a statistic over one partition, and which rows count: those where no argument is NULL and FILTER holds.
struct FrameInput {
    let x: UnsafePointer<Double>
    /// The second argument, or the first again.
    let y: UnsafePointer<Double>
    let rows: Range<Int>
    /// Some row may not count.
    let mayHaveGaps: Bool
    private let first: ColumnVector
    private let second: ColumnVector
    private let filter: UnsafePointer<UInt8>?

    init(_ partition: WindowPartition, arity: Int) {
        first = partition.arguments[0]
        second = arity > 1 ? partition.arguments[1] : partition.arguments[0]
        x = first.values(Double.self)
        y = second.values(Double.self)
        rows = partition.rows
        filter = partition.filter
        mayHaveGaps = first.mayHaveNulls || second.mayHaveNulls || partition.filter != nil
    }

    @inline(__always)
    func counts(_ row: Int) -> Bool { !first.isNull(row) && !second.isNull(row) && filter?[row] != 0 }

    /// Whether the row itself has a value, in the frame or not.
    @inline(__always)
    func hasCurrent(_ row: Int) -> Bool { !first.isNull(row) }

    var isFiltered: Bool { filter != nil }

    var currentMayBeNull: Bool { first.mayHaveNulls }

    /// Keeps the memory alive that the pointers lead into.
    func keepAlive() { withExtendedLifetime((first, second)) {} }
}

/// A statistic over windows one at a time, each read as it stands: what the kernels are held against, and what they turn to where
/// they cannot vouch for their result.
///
/// - Complexity: O(rows of the frame) a row.
struct SingleFrames<Statistic: FrameStatistic> {
    let statistic: Statistic
    let input: FrameInput
    /// Observations without which the result is NULL.
    let minimum: Int
    private let scratch: Buffer

    init(statistic: Statistic, input: FrameInput, minimum: Int, greatestFrame: Int) {
        self.statistic = statistic
        self.input = input
        self.minimum = minimum
        scratch = Buffer(byteCount: max(16, greatestFrame * 16))
    }

    /// - Parameter isExcluded: rows that EXCLUDE takes out of the frame; nil where there is no such clause.
    func value(_ row: Int, _ range: Range<Int>, isExcluded: ((Int) -> Bool)? = nil) -> Double? {
        if Statistic.usesCurrentRow, !input.hasCurrent(row) { return nil }
        let current = input.x[row]
        if !input.mayHaveGaps, isExcluded == nil {
            guard range.count >= minimum else { return nil }
            return statistic.value(input.x + range.lowerBound, input.y + range.lowerBound, range.count, current: current)
        }
        let copyX = scratch.values(Double.self)
        let copyY = copyX + range.count
        var count = 0
        for other in range where input.counts(other) {
            if let isExcluded, isExcluded(other) { continue }
            copyX[count] = input.x[other]
            copyY[count] = input.y[other]
            count += 1
        }
        guard count >= minimum else { return nil }
        return statistic.value(copyX, copyY, count, current: current)
    }
}
