import CKernels
import ZLColumnar

/// An indicator over the rows of one partition that hold all its inputs; NULL rows are skipped, they poison nothing.
protocol Indicator: Sendable {
    /// Number of value arguments.
    var arity: Int { get }
    /// The output for each of `count` rows, NaN where it is not yet defined.
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>)
    /// The average that the indicator is; nil for others.
    var recursion: ExponentialRecursion? { get }
}

extension Indicator {
    var recursion: ExponentialRecursion? { nil }
}

/// Runs an indicator over each partition's rows without NULLs. O(rows).
struct IndicatorWindow<I: Indicator>: WindowEvaluator {
    let indicator: I

    var recursion: ExponentialRecursion? { indicator.recursion }

    var valueCount: Int { indicator.arity }

    var lanes: Int { recursion == nil ? 1 : 8 }

    func evaluate(_ partitions: [WindowPartition], into output: WindowOutput) throws(ZLError) {
        let arguments = Array(partitions[0].arguments.prefix(indicator.arity))
        guard !arguments.contains(where: { $0.mayHaveNulls }) else {
            for partition in partitions { try evaluate(partition, into: output) }
            return
        }
        computeInPlace(arguments, partitions.map(\.rows), output)
    }

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        let arguments = Array(partition.arguments.prefix(indicator.arity))
        if !arguments.contains(where: { $0.mayHaveNulls }) { return computeInPlace(arguments, [partition.rows], output) }
        let size = partition.rows.count
        var places: [Int] = []
        places.reserveCapacity(size)
        for row in partition.rows where !arguments.contains(where: { $0.isNull(row) }) { places.append(row) }
        let dense = arguments.map { argument in
            let buffer = Buffer(byteCount: max(16, places.count * 8))
            let source = argument.values(Double.self)
            let target = buffer.values(Double.self)
            for (index, row) in places.enumerated() { target[index] = source[row] }
            return buffer
        }
        let result = Buffer(byteCount: max(16, places.count * 8))
        let values = result.values(Double.self)
        values.update(repeating: .nan, count: places.count)
        indicator.compute(dense.map { UnsafePointer($0.values(Double.self)) }, places.count, into: values)
        for (index, row) in places.enumerated() where !values[index].isNaN { output.set(values[index], at: row) }
        withExtendedLifetime((dense, result)) {}
    }

    /// Without NULLs the inputs are read where they lie.
    private func computeInPlace(_ arguments: [ColumnVector], _ partitions: [Range<Int>], _ output: WindowOutput) {
        let results = output.values(Double.self)
        if let recursion {
            let x = arguments[0].values(Double.self)
            var runs = partitions.map {
                ExponentialRecursion.Run(recursion, x + $0.lowerBound, $0.count, from: .init(), into: results + $0.lowerBound)
            }
            ExponentialRecursion.advance(&runs)
        } else {
            for rows in partitions {
                (results + rows.lowerBound).update(repeating: .nan, count: rows.count)
                indicator.compute(arguments.map { $0.values(Double.self) + rows.lowerBound }, rows.count, into: results + rows.lowerBound)
            }
        }
        for rows in partitions { output.markNumbers(rows) }
        withExtendedLifetime(arguments) {}
    }
}

extension WindowOutput {
    /// Makes NULL of NaN among the values of some rows, which have all been written.
    package func markNumbers(_ rows: Range<Int>) {
        _ = zl_mark_numbers(values(Double.self) + rows.lowerBound, rows.count, valid + rows.lowerBound)
    }
}

/// The averages that indicators are built from, with TA-Lib's seeds.
enum MovingAverage {
    /// Exponential average with factor 2 / (n + 1), seeded by the mean of the n rows that end at `first`.
    ///
    /// Rows before `first` stay as they are. Nothing happens where `first` lies past the end.
    static func exponential(
        _ x: UnsafePointer<Double>, _ count: Int, _ n: Int, first: Int, factor: Double, into output: UnsafeMutablePointer<Double>
    ) {
        guard var value = seed(x, count, n, first: first) else { return }
        output[first] = value
        for row in (first + 1)..<max(count, first + 1) {
            value += factor * (x[row] - value)
            output[row] = value
        }
    }

    /// The mean of the n rows that end at `first`.
    private static func seed(_ x: UnsafePointer<Double>, _ count: Int, _ n: Int, first: Int) -> Double? {
        guard first < count, first >= n - 1 else { return nil }
        var total = 0.0
        for row in (first - n + 1)...first { total += x[row] }
        return total / Double(n)
    }

    static func factor(_ n: Int) -> Double { 2 / Double(n + 1) }
}
