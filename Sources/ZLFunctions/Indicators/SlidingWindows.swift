import ZLColumnar

/// Sums, extremes and deviations of the last n of an indicator's rows, for every row that has so many. Rows before stay as they are.
///
/// A value depends on its window and, for deviations, on which block of 1,024 rows it stands in; nothing drifts.
/// O(log n) a row.
enum SlidingWindows {
    private static let block = 1024

    /// Calls `body` with stretches of rows that have whole windows, each inside one block.
    private static func stretches(_ count: Int, _ n: Int, _ body: (WindowSpan, Range<Int>) -> Void) {
        guard n >= 1, n <= count, let span = WindowSpan(preceding: n - 1, following: 0, partitionCount: count) else { return }
        var start = n - 1
        while start < count {
            let end = min(count, (start / block + 1) * block)
            body(span, start..<end)
            start = end
        }
    }

    /// `out[i]` becomes x[i - n + 1] + ... + x[i].
    static func sums(_ x: UnsafePointer<Double>, _ count: Int, _ n: Int, into out: UnsafeMutablePointer<Double>) {
        var sums: DoublingSums?
        stretches(count, n) { span, rows in
            let known = sums ?? DoublingSums(span, greatestCount: block)
            sums = known
            known.run(x + (rows.lowerBound - n + 1), rows.count, into: out + rows.lowerBound)
        }
    }

    /// `out[i]` becomes 1 x[i - n + 1] + 2 x[i - n + 2] + ... + n x[i].
    ///
    /// Of two neighbouring spans of k rows the newer one's weights are k greater: W2k = Wk(new) + k Sk(new) + Wk(old).
    static func weightedSums(_ x: UnsafePointer<Double>, _ count: Int, _ n: Int, into out: UnsafeMutablePointer<Double>) {
        let length = n + block
        let scratch = Buffer(byteCount: 4 * length * 8)
        let memory = scratch.values(Double.self)
        stretches(count, n) { span, rows in
            let source = x + (rows.lowerBound - n + 1)
            let size = n - 1 + rows.count
            var (sums, weighted) = (memory, memory + length)
            var (nextSums, nextWeighted) = (memory + 2 * length, memory + 3 * length)
            sums.update(from: source, count: size)
            weighted.update(from: source, count: size)
            let target = out + rows.lowerBound
            target.update(repeating: 0, count: rows.count)
            var power = 1
            var covered = 0
            for piece in span.pieces {
                while power < piece {
                    let step = Double(power)
                    for index in (2 * power - 1)..<max(size, 2 * power - 1) {
                        nextSums[index] = sums[index] + sums[index - power]
                        nextWeighted[index] = weighted[index] + step * sums[index] + weighted[index - power]
                    }
                    swap(&sums, &nextSums)
                    swap(&weighted, &nextWeighted)
                    power *= 2
                }
                let place = n - 1 - covered
                let below = Double(n - covered - piece)
                for index in 0..<rows.count { target[index] += weighted[place + index] + below * sums[place + index] }
                covered += piece
            }
        }
        withExtendedLifetime(scratch) {}
    }

    /// `out[i]` becomes the least or greatest of n values.
    static func extremes(
        _ x: UnsafePointer<Double>, _ count: Int, _ n: Int, isGreatest: Bool, into out: UnsafeMutablePointer<Double>
    ) {
        guard n <= count, let span = WindowSpan(preceding: n - 1, following: 0, partitionCount: count) else { return }
        let valid = Buffer(byteCount: max(16, count))
        DoublingExtremes<Double>(isGreatest: isGreatest).run(
            x, 0..<count, span, n - 1..<count, minimum: 1, counts: nil, into: out, valid: valid.values(UInt8.self))
        withExtendedLifetime(valid) {}
    }

    /// Sums that keep less of the squares than this are done again from the values.
    private static let leastShare = 1e-3

    /// `out[i]` becomes the population deviation of n values; 0 where they are equal.
    static func deviations(_ x: UnsafePointer<Double>, _ count: Int, _ n: Int, into out: UnsafeMutablePointer<Double>) {
        let length = n + block
        let scratch = Buffer(byteCount: 3 * length * 8)
        let differences = scratch.values(Double.self)
        let (squares, totals) = (differences + length, differences + 2 * length)
        var sums: DoublingSums?
        stretches(count, n) { span, rows in
            let source = x + (rows.lowerBound - n + 1)
            let anchor = x[rows.lowerBound / block * block]
            for index in 0..<(n - 1 + rows.count) {
                differences[index] = source[index] - anchor
                squares[index] = differences[index] * differences[index]
            }
            let target = out + rows.lowerBound
            let known = sums ?? DoublingSums(span, greatestCount: block)
            sums = known
            known.run(differences, rows.count, into: totals)
            known.run(squares, rows.count, into: target)
            for index in 0..<rows.count {
                let spread = target[index] - totals[index] * totals[index] / Double(n)
                let isSure = spread > leastShare * target[index] && spread.isFinite
                target[index] = ((isSure ? spread : FrameSums.deviations(source + index, n)) / Double(n)).squareRoot()
            }
        }
        withExtendedLifetime(scratch) {}
    }
}
