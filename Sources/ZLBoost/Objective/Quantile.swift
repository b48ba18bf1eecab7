/// Quantiles as LightGBM 4.7 takes them when it starts from a median or renews a leaf. Earlier versions weight differently.
enum Quantile {
    /// The `alpha` quantile, interpolated between neighbours of the descending order; 0 for no values. O(n log n).
    static func interpolated<Value: BinaryFloatingPoint>(of values: [Value], at alpha: Double) -> Value {
        let count: Int = values.count
        guard count > 1 else { return values.first ?? 0 }
        let descending: [Value] = values.sorted { $0 > $1 }
        let exact: Double = Double(count - 1) * (1 - alpha)
        let position: Int = Int(exact) + 1
        if position >= count { return descending[count - 1] }
        let upper: Value = descending[position - 1]
        let lower: Value = descending[position]
        let share: Double = exact - Double(position - 1)
        return Value(Double(upper) - Double(upper - lower) * share)
    }

    /// The first value at which the cumulative weight passes `alpha` of the whole, interpolated towards it only where it alone
    /// weighs 1 or more. Equal values keep their order. O(n log n).
    static func weighted<Value: BinaryFloatingPoint>(of values: [Value], weights: [Float], at alpha: Double) -> Value {
        let count: Int = values.count
        guard count > 1 else { return values.first ?? 0 }
        let order: [Int] = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var cumulative: [Double] = []
        cumulative.reserveCapacity(count)
        var sum = 0.0
        for index in order {
            sum += Double(weights[index])
            cumulative.append(sum)
        }
        let target: Double = sum * alpha
        let position: Int = min(cumulative.firstIndex { $0 > target } ?? count - 1, count - 1)
        if position == 0 || position == count - 1 { return values[order[position]] }
        let before: Value = values[order[position - 1]]
        let step: Double = cumulative[position] - cumulative[position - 1]
        guard step >= 1 else { return before }
        let distance: Value = values[order[position]] - before
        let share: Double = (target - cumulative[position - 1]) / step
        return Value(share * Double(distance) + Double(before))
    }
}
