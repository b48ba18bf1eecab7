import ZLColumnar
import ZLFunctions

/// The results of one recursion for some rows, which several runs write.
struct RecursionOutput {
    private let argument: ColumnVector
    private let output: WindowOutput
    private var copies: [Buffer] = []
    /// The rows of each run.
    private var ranges: [Range<Int>] = []
    /// Rows of which some are NULL, and the results of the others.
    private var spread: [(rows: Range<Int>, results: Buffer)] = []

    init(_ argument: ColumnVector, _ targets: Range<Int>) {
        self.argument = argument
        output = WindowOutput(type: .double, rows: targets)
    }

    /// A run over neighbouring rows of one partition.
    mutating func run(_ steps: ExponentialRecursion, _ rows: Range<Int>, from state: ExponentialRecursion.State) -> ExponentialRecursion.Run {
        let x = argument.numbers(rows, &copies)
        ranges.append(rows)
        guard argument.mayHaveNulls else {
            return .init(steps, x.values, x.count, from: state, into: output.values(Double.self) + rows.lowerBound)
        }
        let results = Buffer(byteCount: max(16, x.count * 8))
        spread.append((rows, results))
        return .init(steps, x.values, x.count, from: state, into: results.values(Double.self))
    }

    /// The results of all targets, once all runs have been gone over.
    func finish(_ runs: ArraySlice<ExponentialRecursion.Run>) -> ColumnVector {
        let values = output.values(Double.self)
        for (rows, results) in spread {
            var next = results.values(Double.self)
            for row in rows {
                values[row] = .nan
                if argument.isNull(row) { continue }
                values[row] = next.pointee
                next += 1
            }
        }
        for (rows, run) in zip(ranges, runs) {
            if run.givesNumbers, !argument.mayHaveNulls {
                (output.valid + rows.lowerBound).update(repeating: 1, count: rows.count)
            } else {
                output.markNumbers(rows)
            }
        }
        return withExtendedLifetime((argument, copies, spread)) { output.finish() }
    }
}

extension ColumnVector {
    /// The values of some rows of a flat DOUBLE vector that are not NULL: where they lie if all are, else copied to memory that is added
    /// to `copies`.
    func numbers(_ range: Range<Int>, _ copies: inout [Buffer]) -> (values: UnsafePointer<Double>, count: Int) {
        let source = values(Double.self)
        guard mayHaveNulls else { return (source + range.lowerBound, range.count) }
        let copy = Buffer(byteCount: max(16, range.count * 8))
        let target = copy.values(Double.self)
        var count = 0
        for row in range where !isNull(row) {
            target[count] = source[row]
            count += 1
        }
        copies.append(copy)
        return (UnsafePointer(target), count)
    }
}
