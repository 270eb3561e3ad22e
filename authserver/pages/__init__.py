"""What every page has: headers, CSRF, error pages, language, branding, the browser it is for, and the way back."""
