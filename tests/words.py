"""Words that fit a mall or a shop and no other trade."""

# What hardly any trade but a mall has.
MALL = (
    r"mall|tenants?|parking|car-park|valet|concierge|food[- ](?:court|hall)|supermarket|pharmacy|cinema|restaurants?|"
    r"pop-up|kiosk|plates?|in-store|vip"
)
# What shops have too.
SHOP = r"shops?|shoppers?|shopping|stores?|basket|purchases?|bought"
