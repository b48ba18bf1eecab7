import ZLColumnar

/// An indicator over the rows of one partition that hold all its inputs; NULL rows are skipped, they poison nothing.
protocol Indicator: Sendable {
    /// Number of value arguments.
    var arity: Int { get }
    /// The output for each of `count` rows, NaN where it is not yet defined.
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>)
    /// Runs that `compute` takes side by side in less time than one after the other.
    var lanes: Int { get }
    /// What `compute` gives for each of the runs.
    func compute(_ runs: [IndicatorRun])
}

extension Indicator {
    var lanes: Int { 1 }
    func compute(_ runs: [IndicatorRun]) {
        for run in runs { compute(run.inputs, run.count, into: run.output) }
    }
}

/// The rows of one partition, to be computed beside others.
struct IndicatorRun {
    let inputs: [UnsafePointer<Double>]
    let count: Int
    let output: UnsafeMutablePointer<Double>
}

/// Runs an indicator over each partition's rows without NULLs. O(rows).
struct IndicatorWindow<I: Indicator>: WindowEvaluator {
    let indicator: I

    var lanes: Int { indicator.lanes }

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
        let runs = partitions.map { rows in
            IndicatorRun(
                inputs: arguments.map { $0.values(Double.self) + rows.lowerBound }, count: rows.count,
                output: output.values(Double.self) + rows.lowerBound)
        }
        for run in runs { run.output.update(repeating: .nan, count: run.count) }
        indicator.compute(runs)
        for (run, rows) in zip(runs, partitions) {
            let valid = output.valid + rows.lowerBound
            for index in 0..<run.count { valid[index] = run.output[index].isNaN ? 0 : 1 }
        }
        withExtendedLifetime(arguments) {}
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

    /// Runs computed side by side.
    static let lanes = 4

    /// `exponential` of the first input of each run, `first` being `n - 1`: each row waits for the one before, so four runs take hardly
    /// longer than one.
    static func exponential(_ runs: [IndicatorRun], _ n: Int, factor: Double) {
        var lanes: [Lane] = runs.compactMap { run in
            guard let value = seed(run.inputs[0], run.count, n, first: n - 1) else { return nil }
            run.output[n - 1] = value
            return Lane(x: run.inputs[0] + n, output: run.output + n, rest: run.count - n, value: value)
        }
        while true {
            lanes.removeAll { $0.rest == 0 }
            if lanes.isEmpty { return }
            let count = min(lanes.count, MovingAverage.lanes)
            let steps = lanes.prefix(count).reduce(Int.max) { min($0, $1.rest) }
            // why: places that no lane is left for repeat the first lane, which writes the same values twice
            var (a, b, c, d) = (lanes[0], lanes[count > 1 ? 1 : 0], lanes[count > 2 ? 2 : 0], lanes[count > 3 ? 3 : 0])
            for row in 0..<steps {
                a.step(row, factor)
                b.step(row, factor)
                c.step(row, factor)
                d.step(row, factor)
            }
            for (index, lane) in [a, b, c, d].prefix(count).enumerated() { lanes[index] = lane.advanced(steps) }
        }
    }

    /// What is left to do of a run.
    private struct Lane {
        let x: UnsafePointer<Double>
        let output: UnsafeMutablePointer<Double>
        let rest: Int
        var value: Double

        @inline(__always)
        mutating func step(_ row: Int, _ factor: Double) {
            value += factor * (x[row] - value)
            output[row] = value
        }

        func advanced(_ steps: Int) -> Lane { Lane(x: x + steps, output: output + steps, rest: rest - steps, value: value) }
    }

    static func factor(_ n: Int) -> Double { 2 / Double(n + 1) }
}
