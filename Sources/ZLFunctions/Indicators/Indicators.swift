import ZLColumnar

/// Exponential moving average; row n is the first, seeded by the mean of the first n rows.
struct ExponentialAverage: RecursiveIndicator {
    let n: Int
    var average: ExponentialRecursion { ExponentialRecursion(n: n, factor: MovingAverage.factor(n)) }
}

/// Wilder's average: factor 1 / n, seeded by the mean of the first n rows.
struct WilderAverage: RecursiveIndicator {
    let n: Int
    var average: ExponentialRecursion { ExponentialRecursion(n: n, factor: 1 / Double(n)) }
}

/// An indicator that is an exponential average and nothing else.
protocol RecursiveIndicator: Indicator {
    var average: ExponentialRecursion { get }
}

extension RecursiveIndicator {
    var arity: Int { 1 }
    var recursion: ExponentialRecursion? { average }

    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        var runs = [ExponentialRecursion.Run(average, inputs[0], count, from: .init(), into: output)]
        ExponentialRecursion.advance(&runs)
    }
}

/// Linearly weighted average, the newest row weighs n.
struct WeightedAverage: Indicator {
    let n: Int
    var arity: Int { 1 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        let weight = Double(n) * Double(n + 1) / 2
        SlidingWindows.weightedSums(inputs[0], count, n, into: output)
        for row in stride(from: n - 1, to: count, by: 1) { output[row] /= weight }
    }
}

/// Moving average convergence and divergence, with TA-Lib's seeds: both averages start at row `slow`, the fast one from the mean of
/// the rows slow - fast + 1 ... slow.
struct ConvergenceDivergence: Indicator {
    enum Output: Sendable { case line, signal, histogram }
    let fast: Int
    let slow: Int
    let signal: Int
    let output: Output
    var arity: Int { 1 }

    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into target: UnsafeMutablePointer<Double>) {
        let first = max(fast, slow) - 1
        guard first < count else { return }
        let scratch = Buffer(byteCount: max(16, count * 24))
        let quick = scratch.values(Double.self)
        let slowly = quick + count
        let line = slowly + count
        MovingAverage.exponential(inputs[0], count, fast, first: first, factor: MovingAverage.factor(fast), into: quick)
        MovingAverage.exponential(inputs[0], count, slow, first: first, factor: MovingAverage.factor(slow), into: slowly)
        for row in first..<count { line[row] = quick[row] - slowly[row] }
        if output == .line {
            for row in first..<count { target[row] = line[row] }
        } else {
            let start = first + signal - 1
            MovingAverage.exponential(line + first, count - first, signal, first: signal - 1, factor: MovingAverage.factor(signal), into: target + first)
            if output == .histogram {
                for row in stride(from: start, to: count, by: 1) { target[row] = line[row] - target[row] }
            }
        }
        withExtendedLifetime(scratch) {}
    }
}

/// Wilder's relative strength index: row n + 1 is the first.
struct RelativeStrength: Indicator {
    let n: Int
    var arity: Int { 1 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        guard count > n else { return }
        let x = inputs[0]
        var gain = 0.0
        var loss = 0.0
        for row in 1..<count {
            let change = x[row] - x[row - 1]
            let up = max(change, 0)
            let down = max(-change, 0)
            if row <= n {
                gain += up / Double(n)
                loss += down / Double(n)
            } else {
                gain = (gain * Double(n - 1) + up) / Double(n)
                loss = (loss * Double(n - 1) + down) / Double(n)
            }
            if row >= n { output[row] = gain + loss == 0 ? 0 : 100 * (gain / (gain + loss)) }
        }
    }
}

/// Greatest of high - low, |high - close before|, |low - close before|; high, low, close.
struct TrueRange: Indicator {
    var arity: Int { 3 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        for row in stride(from: 1, to: count, by: 1) {
            let before = inputs[2][row - 1]
            output[row] = max(inputs[0][row] - inputs[1][row], max(abs(inputs[0][row] - before), abs(inputs[1][row] - before)))
        }
    }
}

/// Wilder's average of the true range: row n + 1 is the first, seeded by the mean of the first n true ranges.
struct AverageTrueRange: Indicator {
    let n: Int
    var arity: Int { 3 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        guard count > n else { return }
        let scratch = Buffer(byteCount: max(16, count * 8))
        let range = scratch.values(Double.self)
        TrueRange().compute(inputs, count, into: range)
        var value = 0.0
        for row in 1...n { value += range[row] }
        value /= Double(n)
        output[n] = value
        for row in stride(from: n + 1, to: count, by: 1) {
            value = (value * Double(n - 1) + range[row]) / Double(n)
            output[row] = value
        }
        withExtendedLifetime(scratch) {}
    }
}

/// Mean of n rows and k population deviations around it.
struct BollingerBand: Indicator {
    enum Output: Sendable { case upper, lower, percentB, width }
    let n: Int
    let k: Double
    let output: Output
    var arity: Int { 1 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into target: UnsafeMutablePointer<Double>) {
        let scratch = Buffer(byteCount: max(16, count * 16))
        let means = scratch.values(Double.self)
        let deviations = means + count
        SlidingWindows.sums(inputs[0], count, n, into: means)
        SlidingWindows.deviations(inputs[0], count, n, into: deviations)
        for row in stride(from: n - 1, to: count, by: 1) {
            let mean = means[row] / Double(n)
            let deviation = deviations[row]
            let upper = mean + k * deviation
            let lower = mean - k * deviation
            switch output {
            case .upper: target[row] = upper
            case .lower: target[row] = lower
            case .percentB: target[row] = upper == lower ? .nan : (inputs[0][row] - lower) / (upper - lower)
            case .width: target[row] = mean == 0 ? .nan : (upper - lower) / mean
            }
        }
        withExtendedLifetime(scratch) {}
    }
}

/// 100 (close - lowest low) / (highest high - lowest low) of n rows, averaged over `smoothing` rows; high, low, close.
struct Stochastic: Indicator {
    let n: Int
    let smoothing: Int
    var arity: Int { 3 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        let scratch = Buffer(byteCount: max(16, count * 24))
        let raw = scratch.values(Double.self)
        let (lows, highs) = (raw + count, raw + 2 * count)
        SlidingWindows.extremes(inputs[1], count, n, isGreatest: false, into: lows)
        SlidingWindows.extremes(inputs[0], count, n, isGreatest: true, into: highs)
        let first = n - 1
        for row in stride(from: first, to: count, by: 1) {
            raw[row] = highs[row] == lows[row] ? .nan : 100 * (inputs[2][row] - lows[row]) / (highs[row] - lows[row])
        }
        if smoothing == 1 {
            for row in stride(from: first, to: count, by: 1) { output[row] = raw[row] }
        } else if count > first {
            SlidingWindows.sums(raw + first, count - first, smoothing, into: output + first)
            for row in stride(from: first + smoothing - 1, to: count, by: 1) { output[row] /= Double(smoothing) }
        }
        withExtendedLifetime(scratch) {}
    }
}

/// What a row is against the row n before.
struct Change: Indicator {
    enum Output: Sendable { case ratio, percent, difference, logarithm }
    let n: Int
    let output: Output
    var arity: Int { 1 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into target: UnsafeMutablePointer<Double>) {
        for row in stride(from: n, to: count, by: 1) {
            let now = inputs[0][row]
            let before = inputs[0][row - n]
            switch output {
            case .ratio: target[row] = before == 0 ? .nan : now / before - 1
            case .percent: target[row] = before == 0 ? .nan : (now / before - 1) * 100
            case .difference: target[row] = now - before
            case .logarithm: target[row] = now / before > 0 ? Logarithm.natural(now / before) : .nan
            }
        }
    }
}

/// Volume added on a rise of the close and taken off on a fall; close, volume.
struct OnBalanceVolume: Indicator {
    var arity: Int { 2 }
    func compute(_ inputs: [UnsafePointer<Double>], _ count: Int, into output: UnsafeMutablePointer<Double>) {
        var total = 0.0
        for row in 0..<count {
            if row == 0 || inputs[0][row] > inputs[0][row - 1] {
                total += inputs[1][row]
            } else if inputs[0][row] < inputs[0][row - 1] {
                total -= inputs[1][row]
            }
            output[row] = total
        }
    }
}
