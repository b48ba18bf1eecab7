/// What stands for "missing" in a feature.
enum MissingType: UInt8, Sendable {
    case none = 0
    /// Zeros (and NaNs, which count as zeros).
    case zero = 1
    case nan = 2
}

/// How one feature's values become bins: found once on training rows, then applied to any rows.
///
/// Bin b holds the values v with `upperBounds[b - 1] < v <= upperBounds[b]`. With missing type NaN the last bin holds the NaNs
/// and has the bound NaN; otherwise a NaN counts as 0.
struct BinMapper: Sendable {
    let missingType: MissingType
    let upperBounds: [Double]
    /// The bin of 0.
    let defaultBin: Int
    /// The bin whose histogram entry is what the other bins leave of the leaf's total.
    let mostFrequentBin: Int
    /// Whether no split can use the feature.
    let isTrivial: Bool
    /// Smallest and largest value of the sample, 0 included where it stands for rows.
    let minimum: Double
    let maximum: Double

    var binCount: Int { upperBounds.count }

    /// A bin other than the default must hold this share of rows to be the most frequent one.
    private static let sparseShare = 0.7

    /// Finds bins from a sample of the feature's values.
    ///
    /// `filterRows` is the number of rows that some boundary must leave on both sides for the feature to be of use; nil turns
    /// the filter off. O(n).
    init(sample: [Double], parameters: BoostParameters, filterRows: Int?) {
        var nonZero: [Double] = []
        nonZero.reserveCapacity(sample.count)
        var nanRows = 0
        for value in sample {
            if value.isNaN {
                nanRows += 1
            } else if value.magnitude > BinBounds.zeroThreshold {
                nonZero.append(value)
            }
        }
        SampleSort.sort(&nonZero)
        if !parameters.useMissing || parameters.zeroAsMissing { nanRows = 0 }
        var missing: MissingType = nanRows > 0 ? .nan : .none
        if parameters.useMissing && parameters.zeroAsMissing { missing = .zero }

        let zeroRows: Int = sample.count - nonZero.count - nanRows
        let distinct = Self.distinctValues(nonZero, zeroRows: zeroRows)
        minimum = distinct[0].value
        maximum = distinct[distinct.count - 1].value
        var bounds: [Double] = BinBounds.aroundZero(
            distinct, maxBin: missing == .nan ? parameters.maxBin - 1 : parameters.maxBin,
            total: sample.count - nanRows, minDataInBin: parameters.minDataInBin)
        if missing == .zero && bounds.count == 2 { missing = .none }
        if missing == .nan { bounds.append(.nan) }
        missingType = missing
        upperBounds = bounds

        var rowsInBin: [Int] = Self.rowsInBins(distinct, bounds)
        if missing == .nan { rowsInBin[bounds.count - 1] = nanRows }
        let zeroBin: Int = Self.bin(of: 0, bounds: bounds, missing: missing)
        defaultBin = zeroBin
        var frequent = 0
        for bin in rowsInBin.indices where rowsInBin[bin] > rowsInBin[frequent] { frequent = bin }
        let share: Double = Double(rowsInBin[frequent]) / Double(sample.count)
        mostFrequentBin = frequent != zeroBin && share < Self.sparseShare ? zeroBin : frequent
        isTrivial = bounds.count <= 1 || !Self.canSplit(rowsInBin, total: sample.count, filterRows: filterRows)
    }

    /// The bin of a value; O(log bins).
    func bin(of value: Double) -> Int { Self.bin(of: value, bounds: upperBounds, missing: missingType) }

    private static func bin(of value: Double, bounds: [Double], missing: MissingType) -> Int {
        var value: Double = value
        if value.isNaN {
            if missing == .nan { return bounds.count - 1 }
            value = 0
        }
        var low = 0
        var high: Int = missing == .nan ? bounds.count - 2 : bounds.count - 1
        while low < high {
            let middle: Int = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Distinct values of a sorted sample without zeros, with zero put in its place: before positive and after negative values
    /// only if some row is zero, between negative and positive ones always. Neighbours one step apart count as one value, the
    /// larger.
    private static func distinctValues(_ sorted: [Double], zeroRows: Int) -> [BinBounds.CountedValue] {
        typealias Counted = BinBounds.CountedValue
        guard let first = sorted.first, let last = sorted.last else { return [Counted(value: 0, count: zeroRows)] }
        var distinct: [Counted] = []
        if first > 0 && zeroRows > 0 { distinct.append(Counted(value: 0, count: zeroRows)) }
        distinct.append(Counted(value: first, count: 1))
        for index in 1..<max(sorted.count, 1) {
            let previous: Double = sorted[index - 1]
            let value: Double = sorted[index]
            if BinBounds.areEqualOrdered(previous, value) {
                distinct[distinct.count - 1].value = value
                distinct[distinct.count - 1].count += 1
                continue
            }
            if previous < 0 && value > 0 { distinct.append(Counted(value: 0, count: zeroRows)) }
            distinct.append(Counted(value: value, count: 1))
        }
        if last < 0 && zeroRows > 0 { distinct.append(Counted(value: 0, count: zeroRows)) }
        return distinct
    }

    private static func rowsInBins(_ distinct: [BinBounds.CountedValue], _ bounds: [Double]) -> [Int] {
        var rows: [Int] = Array(repeating: 0, count: bounds.count)
        var bin = 0
        for counted in distinct {
            while bin < bounds.count - 1 && counted.value > bounds[bin] { bin += 1 }
            rows[bin] += counted.count
        }
        return rows
    }

    /// Whether some boundary leaves at least `filterRows` rows on both sides.
    private static func canSplit(_ rowsInBin: [Int], total: Int, filterRows: Int?) -> Bool {
        guard let filterRows else { return true }
        var left = 0
        for rows in rowsInBin.dropLast() {
            left += rows
            if left >= filterRows && total - left >= filterRows { return true }
        }
        return false
    }
}
