import CKernels
import ZLColumnar

/// The least or the greatest value of windows of constant width by doubling: two overlapping spans of one power of two cover any
/// width between it and the next.
///
/// NaN is the greatest value; rows that do not count are left out; of equal values (-0 and 0) the first is taken.
///
/// - Complexity: O(log width) comparisons a row over contiguous memory.
struct DoublingExtremes<Element: WindowElement> {
    let isGreatest: Bool

    /// Writes the results of `targets` into `values`, and 1 into `valid` where at least `minimum` rows of the window count.
    ///
    /// - Parameter counts: whether a row counts; nil where all do.
    func run(
        _ x: UnsafePointer<Element>, _ rows: Range<Int>, _ span: WindowSpan, _ targets: Range<Int>, minimum: Int,
        counts: ((Int) -> Bool)?, into values: UnsafeMutablePointer<Element>, valid: UnsafeMutablePointer<UInt8>
    ) {
        let block = min(span.blockLength, max(targets.count, 1))
        let length = span.width - 1 + block
        let memory = Buffer(byteCount: 3 * (length + 8) * MemoryLayout<Element>.stride + length)
        let source = memory.values(Element.self)
        let a = source + length + 8
        let b = a + length + 8
        let isIn = UnsafeMutableRawPointer(b + length + 8).assumingMemoryBound(to: UInt8.self)
        let neutral = isGreatest ? Element.belowAll : Element.aboveAll
        var start = targets.lowerBound
        while start < targets.upperBound {
            let count = min(block, targets.upperBound - start)
            let first = start - span.preceding
            let size = span.width - 1 + count
            let inside = rows.clamped(to: first..<(first + size))
            let low = inside.lowerBound - first
            let isWhole = inside.count == size && counts == nil
            if !isWhole {
                for index in 0..<low { source[index] = neutral }
                for index in low..<(low + inside.count) { source[index] = x[first + index] }
                for index in (low + inside.count)..<size { source[index] = neutral }
            }
            if let counts {
                for index in low..<(low + inside.count) {
                    isIn[index] = counts(first + index) ? 1 : 0
                    if isIn[index] == 0 { source[index] = neutral }
                }
            }
            let result = doubled(isWhole ? x + first : UnsafePointer(source), span.width, size, a, b)
            (values + start).update(from: result, count: count)
            if isWhole {
                (valid + start).update(repeating: span.width >= minimum ? 1 : 0, count: count)
                start += count
                continue
            }
            mark(rows, span, start..<(start + count), minimum, counts == nil ? nil : isIn, first, valid)
            start += count
        }
        withExtendedLifetime(memory) {}
    }

    /// `result[t]` is the extreme of `source[t] ... source[t + width - 1]`.
    private func doubled(
        _ source: UnsafePointer<Element>, _ width: Int, _ size: Int, _ a: UnsafeMutablePointer<Element>,
        _ b: UnsafeMutablePointer<Element>
    ) -> UnsafePointer<Element> {
        var held = source
        var power = 1
        // why: here index t covers t ... t + power - 1, so that each pass reads ahead and may shrink
        while power * 2 <= width {
            let target = held == UnsafePointer(a) ? b : a
            combine(held, held + power, into: target, size - 2 * power + 1)
            held = UnsafePointer(target)
            power *= 2
        }
        if power == width { return held }
        let target = held == UnsafePointer(a) ? b : a
        combine(held, held + (width - power), into: target, size - width + 1)
        return UnsafePointer(target)
    }

    @inline(__always)
    private func combine(
        _ left: UnsafePointer<Element>, _ right: UnsafePointer<Element>, into target: UnsafeMutablePointer<Element>, _ count: Int
    ) {
        if isGreatest {
            Element.greater(left, right, count, into: target)
        } else {
            Element.lesser(left, right, count, into: target)
        }
    }

    private func mark(
        _ rows: Range<Int>, _ span: WindowSpan, _ targets: Range<Int>, _ minimum: Int, _ isIn: UnsafePointer<UInt8>?, _ first: Int,
        _ valid: UnsafeMutablePointer<UInt8>
    ) {
        guard let isIn else {
            for row in targets { valid[row] = span.window(of: row, in: rows).count >= max(minimum, 1) ? 1 : 0 }
            return
        }
        var number = 0
        var window = span.window(of: targets.lowerBound, in: rows)
        for row in window { number += Int(isIn[row - first]) }
        for row in targets {
            let next = span.window(of: row, in: rows)
            if next.isEmpty || window.isEmpty {
                number = 0
                for other in next { number += Int(isIn[other - first]) }
            } else {
                for other in window.upperBound..<max(next.upperBound, window.upperBound) { number += Int(isIn[other - first]) }
                for other in window.lowerBound..<max(next.lowerBound, window.lowerBound) { number -= Int(isIn[other - first]) }
            }
            window = next
            valid[row] = number >= max(minimum, 1) ? 1 : 0
        }
    }
}

/// A type whose order is one comparison, with values at both ends that no other passes. Of equal values `a` is taken.
protocol WindowElement: Sendable {
    static var belowAll: Self { get }
    static var aboveAll: Self { get }
    static func greater(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ count: Int, into target: UnsafeMutablePointer<Self>)
    static func lesser(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ count: Int, into target: UnsafeMutablePointer<Self>)
}

extension FixedWidthInteger {
    @inline(__always) static var belowAll: Self { .min }
    @inline(__always) static var aboveAll: Self { .max }
    @inline(__always)
    static func greater(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ count: Int, into target: UnsafeMutablePointer<Self>) {
        for index in 0..<count { target[index] = a[index] >= b[index] ? a[index] : b[index] }
    }
    @inline(__always)
    static func lesser(_ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ count: Int, into target: UnsafeMutablePointer<Self>) {
        for index in 0..<count { target[index] = a[index] <= b[index] ? a[index] : b[index] }
    }
}

extension Int8: WindowElement {}
extension Int16: WindowElement {}
extension Int32: WindowElement {}
extension Int64: WindowElement {}
extension UInt8: WindowElement {}
extension UInt16: WindowElement {}
extension UInt32: WindowElement {}
extension UInt64: WindowElement {}

extension BinaryFloatingPoint {
    @inline(__always) static var belowAll: Self { -.infinity }
    @inline(__always) static var aboveAll: Self { .nan }
}

extension Float: WindowElement {
    static func greater(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>) {
        for index in 0..<count { target[index] = a[index] >= b[index] || a[index].isNaN ? a[index] : b[index] }
    }
    static func lesser(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>) {
        for index in 0..<count { target[index] = a[index] <= b[index] || b[index].isNaN ? a[index] : b[index] }
    }
}

extension Double: WindowElement {
    static func greater(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int, into target: UnsafeMutablePointer<Double>) {
        zl_greater(a, b, count, target)
    }
    static func lesser(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int, into target: UnsafeMutablePointer<Double>) {
        zl_lesser(a, b, count, target)
    }
}

/// A statistic that is a formula over the greatest or least value of the frame.
protocol ExtremeStatistic: FrameStatistic {
    var isGreatest: Bool { get }
    /// - Parameter extreme: of a frame with a value.
    func value(_ extreme: Double, current: Double) -> Double?
}

extension ExtremeStatistic {
    func makeKernel() -> (any FrameKernel<Self>)? { ExtremeKernel() }
}

extension Extreme: ExtremeStatistic {
    @inline(__always)
    func value(_ extreme: Double, current: Double) -> Double? { extreme }
}

extension Drawdown: ExtremeStatistic {
    var isGreatest: Bool { true }
    @inline(__always)
    func value(_ extreme: Double, current: Double) -> Double? { extreme == 0 ? nil : current / extreme - 1 }
}

struct ExtremeKernel<Statistic: ExtremeStatistic>: FrameKernel {
    func run(_ frames: SingleFrames<Statistic>, _ span: WindowSpan, _ targets: Range<Int>, into output: WindowOutput) {
        let input = frames.input
        let values = output.values(Double.self)
        let valid = output.valid
        DoublingExtremes<Double>(isGreatest: frames.statistic.isGreatest).run(
            input.x, input.rows, span, targets, minimum: frames.minimum, counts: input.mayHaveGaps ? input.counts : nil,
            into: values, valid: valid)
        guard Statistic.usesCurrentRow else { return }
        for row in targets where valid[row] != 0 {
            let result = input.hasCurrent(row) ? frames.statistic.value(values[row], current: input.x[row]) : nil
            values[row] = result ?? 0
            valid[row] = result == nil ? 0 : 1
        }
    }
}
