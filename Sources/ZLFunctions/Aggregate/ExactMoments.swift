import ZLColumnar

/// Moments of whole numbers of up to 64 bits, from sums that are exact in any order.
///
/// - Complexity: O(1) a row.
final class ExactMomentState: BatchAggregateState {
    private struct Slot {
        var count: Int64 = 0
        var x: Int128 = 0, y: Int128 = 0
        /// Products are added up here where numbers are small, else their lower halves, as unsigned numbers.
        var xx: Int128 = 0, yy: Int128 = 0, xy: Int128 = 0
    }

    /// The upper halves of products that are too large for their sums to be sure to fit.
    private struct UpperHalves {
        var xx: Int128 = 0, yy: Int128 = 0, xy: Int128 = 0
    }

    private let formula: any MomentFormula
    private let isPair: Bool
    private var slots = GroupArray(Slot())
    private var upper: GroupArray<UpperHalves>?

    /// Sums of 2^32 products of two numbers below 2^47 are below 2^126.
    private static let smallBits: Int64 = 47

    init(_ formula: any MomentFormula) {
        self.formula = formula
        isPair = formula.arity > 1
    }

    var isOrderFree: Bool { true }

    func grow(to groupCount: Int) {
        slots.grow(to: groupCount)
        upper?.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let first = arguments[0].flattened()
        let second = isPair ? arguments[1].flattened() : first
        if isPair { add(first, second, rows, isPair: true) } else { add(first, second, rows, isPair: false) }
        withExtendedLifetime((first, second)) {}
    }

    /// - Parameter isPair: the state's, as a constant that loops are made for.
    @inline(__always)
    private func add(_ first: ColumnVector, _ second: ColumnVector, _ rows: AggregateRows, isPair: Bool) {
        let (x, y) = (first.values(Int64.self), second.values(Int64.self))
        let (left, right) = (NullMask(first), NullMask(second))
        if !ExactMomentState.areSmall(x, rows.count) || isPair && !ExactMomentState.areSmall(y, rows.count) {
            addLarge(x, y, rows) { left.isNull($0) || right.isNull($0) }
        } else if first.mayHaveNulls || second.mayHaveNulls {
            addSmall(x, y, rows, isPair: isPair) { left.isNull($0) || right.isNull($0) }
        } else {
            addSmall(x, y, rows, isPair: isPair) { _ in false }
        }
    }

    private static func areSmall(_ values: UnsafePointer<Int64>, _ count: Int) -> Bool {
        var bits: Int64 = 0
        for row in 0..<count { bits |= values[row] ^ values[row] >> 63 }
        return bits >> smallBits == 0
    }

    @inline(__always)
    private func addSmall(
        _ x: UnsafePointer<Int64>, _ y: UnsafePointer<Int64>, _ rows: AggregateRows, isPair: Bool, isNull: (Int) -> Bool
    ) {
        let slots = slots.values
        @inline(__always)
        func add(_ row: Int, to slot: UnsafeMutablePointer<Slot>) {
            if isNull(row) { return }
            let left = Int128(truncatingIfNeeded: x[row])
            slot.pointee.count &+= 1
            slot.pointee.x &+= left
            slot.pointee.xx &+= ExactMomentState.product(x[row], x[row])
            if isPair {
                slot.pointee.y &+= Int128(truncatingIfNeeded: y[row])
                slot.pointee.yy &+= ExactMomentState.product(y[row], y[row])
                slot.pointee.xy &+= ExactMomentState.product(x[row], y[row])
            }
        }
        if let groups = rows.groups {
            for row in 0..<rows.count { add(row, to: slots + Int(groups[row])) }
        } else {
            for run in rows.runs {
                var slot = slots[run.group]
                for row in run.start..<run.end { withUnsafeMutablePointer(to: &slot) { add(row, to: $0) } }
                slots[run.group] = slot
            }
        }
    }

    @inline(__always)
    private static func product(_ a: Int64, _ b: Int64) -> Int128 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return Int128(truncatingIfNeeded: high) << 64 | Int128(truncatingIfNeeded: low)
    }

    @inline(never)
    private func addLarge(_ x: UnsafePointer<Int64>, _ y: UnsafePointer<Int64>, _ rows: AggregateRows, isNull: (Int) -> Bool) {
        var upper = self.upper ?? GroupArray(UpperHalves())
        upper.grow(to: slots.count)
        self.upper = upper
        let (slots, halves) = (slots.values, upper.values)
        func add(_ product: Int128, _ low: inout Int128, _ high: inout Int128) {
            low &+= Int128(UInt64(truncatingIfNeeded: product))
            high &+= product >> 64
        }
        let groups = rows.groupOfEachRow()
        for row in 0..<rows.count where !isNull(row) {
            let group = Int(groups.values(UInt32.self)[row])
            slots[group].count &+= 1
            slots[group].x &+= Int128(x[row])
            add(ExactMomentState.product(x[row], x[row]), &slots[group].xx, &halves[group].xx)
            if isPair {
                slots[group].y &+= Int128(y[row])
                add(ExactMomentState.product(y[row], y[row]), &slots[group].yy, &halves[group].yy)
                add(ExactMomentState.product(x[row], y[row]), &slots[group].xy, &halves[group].xy)
            }
        }
        withExtendedLifetime(groups) {}
    }

    func makePartial() -> (any AggregateState)? { ExactMomentState(formula) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? ExactMomentState else { return }
        let (slots, theirs) = (slots.values, partial.slots.values)
        for other in 0..<partial.slots.count {
            let slot = slots + Int(groups[other])
            slot.pointee.count &+= theirs[other].count
            slot.pointee.x &+= theirs[other].x
            slot.pointee.y &+= theirs[other].y
            slot.pointee.xx &+= theirs[other].xx
            slot.pointee.yy &+= theirs[other].yy
            slot.pointee.xy &+= theirs[other].xy
        }
        guard let others = partial.upper else { return }
        var upper = self.upper ?? GroupArray(UpperHalves())
        upper.grow(to: self.slots.count)
        self.upper = upper
        for other in 0..<others.count {
            let half = upper.values + Int(groups[other])
            half.pointee.xx &+= others.values[other].xx
            half.pointee.yy &+= others.values[other].yy
            half.pointee.xy &+= others.values[other].xy
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let (slots, upper, isPair) = (slots.values, upper, isPair)
        return .moments(count: self.slots.count, formula) { group in
            let slot = slots[group]
            guard slot.count > 0 else { return Moments() }
            let halves = upper?.values[group] ?? UpperHalves()
            let n = Double(slot.count)
            func deviations(_ low: Int128, _ high: Int128, _ a: Int128, _ b: Int128) -> Double {
                ExactMomentState.numerator(slot.count, low, high, a, b) / n
            }
            var moments = Moments(count: n, x: Double(slot.x) / n, xx: deviations(slot.xx, halves.xx, slot.x, slot.x))
            if isPair {
                moments.y = Double(slot.y) / n
                moments.yy = deviations(slot.yy, halves.yy, slot.y, slot.y)
                moments.xy = deviations(slot.xy, halves.xy, slot.x, slot.y)
            }
            return moments
        }
    }

    /// count * (high * 2^64 + low) - a * b, rounded.
    private static func numerator(_ count: Int64, _ low: Int128, _ high: Int128, _ a: Int128, _ b: Int128) -> Double {
        let (small, isLarge) = low.multipliedReportingOverflow(by: Int128(count))
        let (product, isLargeProduct) = a.multipliedReportingOverflow(by: b)
        if high == 0, !isLarge, !isLargeProduct {
            let (difference, overflow) = small.subtractingReportingOverflow(product)
            if !overflow { return Double(difference) }
        }
        var sum = WholeNumber256(low, times: Int128(count))
        sum.add(WholeNumber256(high, times: Int128(count)).shifted64)
        sum.subtract(WholeNumber256(a, times: b))
        return sum.rounded
    }
}

/// A whole number of 256 bits, for what the sums of a group are put together to.
private struct WholeNumber256 {
    private var high: Int128
    private var low: UInt128

    init(_ a: Int128, times b: Int128) { (high, low) = a.multipliedFullWidth(by: b) }

    /// The number times 2^64.
    var shifted64: WholeNumber256 {
        var result = self
        result.high = high << 64 | Int128(truncatingIfNeeded: low >> 64)
        result.low = low << 64
        return result
    }

    mutating func add(_ other: WholeNumber256) {
        let (sum, carry) = low.addingReportingOverflow(other.low)
        low = sum
        high = high &+ other.high &+ (carry ? 1 : 0)
    }

    mutating func subtract(_ other: WholeNumber256) {
        let (difference, borrow) = low.subtractingReportingOverflow(other.low)
        low = difference
        high = high &- other.high &- (borrow ? 1 : 0)
    }

    var rounded: Double {
        guard high < 0 else { return Double(high) * 0x1p128 + Double(low) }
        let magnitude = ~low &+ 1
        let upper = ~high &+ (low == 0 ? 1 : 0)
        return -(Double(upper) * 0x1p128 + Double(magnitude))
    }
}
