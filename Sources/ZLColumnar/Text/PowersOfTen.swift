/// Powers of ten as exact integers and doubles.
package enum PowersOfTen {
    /// 10^0 to 10^38.
    private static let integers: [UInt128] = {
        var powers: [UInt128] = [1]
        for index in 0..<38 { powers.append(powers[index] * 10) }
        return powers
    }()

    /// 10^`exponent` for 0 to 38.
    package static func integer(_ exponent: Int) -> UInt128 { integers[exponent] }

    /// 10^0 to 10^22, the powers that a double holds exactly.
    static let exactDoubles: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22,
    ]
}
