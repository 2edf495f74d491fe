def total(prices):
    result = 0
    for price in prices:
        result += price
    return result


print(f"the total is {total([3, 4, 5])}")
